import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../testing/temporary-directory.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const elsewhere = temporaryDirectory('users-folder');

/** Where a command that was started in a folder, with this environment, is afterwards. */
function placeOf(cwd: string, env: NodeJS.ProcessEnv): unknown {
  const source = `import { goToUser } from ${JSON.stringify(join(import.meta.dirname, 'users-folder.ts'))};
    const started = goToUser(process.env);
    console.log(JSON.stringify([started, process.cwd(), process.env.FIREDRILL_SCENARIOS ?? '']));`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module-typescript', '--eval', source], {
    cwd,
    env,
    encoding: 'utf8',
  });
  return JSON.parse(stdout);
}

test('paths that were typed lead from where their user stands, though npm starts its scripts elsewhere', () => {
  const user = { npm_lifecycle_event: 'test', INIT_CWD: elsewhere };
  assert.deepEqual(placeOf(ROOT, user), [ROOT, elsewhere, '']);
  assert.deepEqual(placeOf(ROOT, { ...user, FIREDRILL_SCENARIOS: 'mine' }), [
    ...[ROOT, elsewhere, join(elsewhere, 'mine')],
  ]);
  // Started by something that npm has started.
  assert.deepEqual(placeOf(elsewhere, { ...user, INIT_CWD: ROOT }), [elsewhere, elsewhere, '']);
  assert.deepEqual(placeOf(ROOT, { INIT_CWD: elsewhere, FIREDRILL_SCENARIOS: 'x' }), [ROOT, ROOT, 'x']);
});

test('a file below the folder of its user is told as it is typed there', () => {
  const folder = join(ROOT, 'infra');
  const env = {
    ...process.env,
    npm_lifecycle_event: 'firedrill',
    INIT_CWD: folder,
    FIREDRILL_STATE_DIR: elsewhere,
  };
  const call = (path: string) =>
    spawnSync(process.execPath, [join(ROOT, 'harness', 'cli', 'firedrill.ts'), 'analyze', path], {
      ...{ cwd: ROOT, env, encoding: 'utf8' },
    }).stderr;
  assert.doesNotMatch(call(relative(folder, import.meta.filename)), /journal\.not-found/);
  assert.match(call('harness/cli/users-folder.test.ts'), /journal\.not-found/);
});
