import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { TEST_USAGE } from '../run/test-arguments.ts';
import { readTestCommand } from './test-command.ts';

const folder = temporaryDirectory('test-command');
const npm = { npm_lifecycle_event: 'test', npm_config_grep: 'freeze' };

test('what npm test is told and would count for nothing is refused before anything is made', () => {
  const refusals: (readonly [string, NodeJS.ProcessEnv, RegExp])[] = [
    ['', npm, /^--grep: npm has taken it/],
    ['--provider embedded --images preloaded', {}, /^--images: says nothing to the provider embedded/],
    ['--last-failed', {}, /last-run\.json does not say what failed last/],
    ['--only-changed', { FIREDRILL_SCENARIOS: folder }, /^--only-changed: git is asked in /],
  ];
  const missing = join(folder, 'missing');
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const existing = `--provider existing --context c --machines https://m --machines-token ${file}`;
  for (const [words, message, env = {}] of [
    [
      `${existing} --machines-ca ${missing}`,
      /^--machines-ca \(FIREDRILL_MACHINES_CA_FILE\) \S+missing: ENOENT/,
    ],
    [`${existing} --approval ${folder}`, /^--approval \(FIREDRILL_APPROVAL\) \S+: it is a folder$/],
    [
      '--provider existing --context c',
      /^--machines-token .*missing: ENOENT/,
      { FIREDRILL_MACHINES_TOKEN_FILE: missing },
    ],
    [
      `--reporter=dot,nosuch --add-reporter ./mine.ts`,
      /^--reporter nosuch: Cannot find module 'nosuch'\n--reporter .\/mine/,
    ],
    [`--output=${file}`, /^--output \S+: \S+file is no folder$/],
    [`--output ${file}/a/b`, /^--output \S+: \S+file is no folder$/],
    [
      `--test-list ${missing} --tsconfig ${folder}`,
      /^--test-list \S+: ENOENT.*\n--tsconfig \S+: it is a folder$/,
    ],
    [`--last-failed-file ${folder}`, /^--last-failed-file \S+: it is a folder$/],
  ] as const)
    refusals.push([words, env, message]);
  for (const [words, env, message] of refusals)
    assert.throws(() => readTestCommand(words.split(' ').filter(Boolean), env, folder), {
      code: 'arguments.malformed',
      message,
    });
});

test('every option that the help says to take a file is looked at', () => {
  const options = [...TEST_USAGE.matchAll(/(--[a-z-]+) FILE/g)].map(([, option = '']) => option);
  assert.ok(options.length >= 3, options.join(' '));
  for (const option of options)
    assert.throws(
      () => readTestCommand(['--provider', 'existing', option, '/nowhere'], {}, folder),
      new RegExp(`^FiredrillError: ${option} .*/nowhere: ENOENT`),
    );
});

test('files, folders and reporters that are there or can be made are taken, and nothing is left of having looked', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const words = `--reporter dot,${file} --output ${folder}/a/b --last-failed-file ${folder}/a/last.json --test-list ${file}`;
  const { args } = readTestCommand(words.split(' '), { FIREDRILL_APPROVAL: 'of another provider' }, folder);
  assert.deepEqual(args.reporters, ['dot', file]);
  assert.deepEqual(readdirSync(folder), ['file']);
});

test('help is told whatever else is, and a run has the environment of its options', () => {
  assert.equal(readTestCommand(['--help', '--last-failed'], {}, folder).args.help, true);
  const words = ['--provider', 'kind', '--engine', 'podman'];
  assert.deepEqual(readTestCommand(words, { OTHER: 'x' }, folder).env, {
    OTHER: 'x',
    FIREDRILL_ENGINE: 'podman',
    PLAYWRIGHT_LAST_RUN_OUTPUT_FILE: join(folder, '.firedrill', 'last-run.json'),
  });
});
