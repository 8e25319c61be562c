import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { refuseTakenByNpm } from './taken-by-npm.ts';

const NAMES = ['--list', '--machines-from-pods', '--no-deps', '--json', '--browser', '-x', '-g'];

test('an option that npm has kept for itself is refused with the line that it was meant for', () => {
  for (const [variable, value, option] of [
    ['list', 'true', '--list'],
    ['list', '', '--list'],
    ['machines_from_pods', 'a', '--machines-from-pods'],
    ['deps', '', '--no-deps'],
    ['x', 'true', '-x'],
    ['global', 'true', '-g'],
  ] as const)
    assert.throws(
      () => refuseTakenByNpm(NAMES, { npm_lifecycle_event: 'test', [`npm_config_${variable}`]: value }),
      {
        code: 'arguments.malformed',
        message: new RegExp(`^${option}: npm has taken it`),
        hint: `write -- before what is not for npm: npm run test -- ... ${option}`,
        userError: true,
      },
    );
});

test('settings of npm are none of our options, nor is anything where npm has not started us', () => {
  refuseTakenByNpm(NAMES, {
    npm_lifecycle_event: 'test',
    npm_config_json: 'true',
    npm_config_browser: 'firefox',
    npm_config_registry: 'x',
    npm_config_deps: 'x',
  });
  refuseTakenByNpm(NAMES, { npm_config_list: 'true' });
});

/** Settings of npm of which its scripts are told nothing: what stands behind one that has no -- before it is lost. */
const SILENT =
  /--(also|cache-m(ax|in)|cert|dev|global-style|if-present|include-workspace-root|init\.\w+|legacy-bundling|only|optional|production|shrinkwrap|workspaces?)(?![\w-])/;

test('no help names an option that npm would keep for itself without a trace', () => {
  const root = join(import.meta.dirname, '..', '..');
  const sources = globSync(['ci/*.ts', 'harness/cli/verbs/*.ts', 'harness/run/*arguments.ts'], { cwd: root })
    .filter((path) => !path.endsWith('.test.ts'))
    .map((path) => [path, readFileSync(join(root, path), 'utf8')] as const);
  assert.ok(sources.length > 20);
  for (const [path, text] of sources) assert.doesNotMatch(text, SILENT, path);
});
