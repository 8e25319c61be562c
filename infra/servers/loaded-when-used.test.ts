import assert from 'node:assert/strict';
import { registerHooks } from 'node:module';
import { test } from 'node:test';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

/** 126 packages, of which nobody needs any who starts no server. */
const BROUGHT = /^(testcontainers|dockerode|docker-modem|ssh2|@testcontainers\/.*)(\/|$)/;

test('testcontainers, and what it brings, is loaded by nobody who starts no server', async () => {
  const loaded: string[] = [];
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      loaded.push(specifier);
      return next(specifier, context);
    },
  });
  const [, { withServers }, { clearDeadServers }] = await Promise.all([
    import('../../harness/index.ts'),
    import('../../harness/fixtures/scenario-servers.ts'),
    import('../../harness/run/clear-dead-servers.ts'),
    import('../../harness/fixtures/trial-context.ts'),
    import('../../harness/fixtures/conduct-trial.ts'),
    import('../../harness/run/run-scenarios.ts'),
    import('../../harness/cli/verbs/reap.ts'),
  ]);
  const env = { ...process.env, FIREDRILL_STATE_DIR: temporaryDirectory('servers') };
  await clearDeadServers(env, () => undefined);
  await withServers(
    env,
    () => Promise.resolve(),
    () => undefined,
  );
  hooks.deregister();
  assert.ok(loaded.includes('@playwright/test'), 'what is loaded is seen');
  assert.deepEqual(
    loaded.filter((specifier) => BROUGHT.test(specifier)),
    [],
  );
});
