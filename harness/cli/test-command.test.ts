import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { readTestCommand } from './test-command.ts';

const folder = temporaryDirectory('test-command');
const npm = { npm_lifecycle_event: 'test', npm_config_grep: 'freeze' };

test('what npm test is told and would count for nothing is refused before anything is made', () => {
  const refusals: readonly (readonly [string, NodeJS.ProcessEnv, RegExp])[] = [
    ['', npm, /^--grep: npm has taken it/],
    ['--provider embedded --images preloaded', {}, /^--images: says nothing to the provider embedded/],
    ['--last-failed', {}, /last-run\.json does not say what failed last/],
    ['--only-changed', { FIREDRILL_SCENARIOS: folder }, /^--only-changed: git is asked in /],
  ];
  for (const [words, env, message] of refusals)
    assert.throws(() => readTestCommand(words.split(' ').filter(Boolean), env, folder), {
      code: 'arguments.malformed',
      message,
    });
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
