import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import { identityOf, type ProcessIdentity } from '../process/identity.ts';
import { clusterPaths } from './cluster-directory.ts';
import { serveCluster } from './serve.ts';
import type { ClusterBackend } from './supervised-cluster.ts';

/** A supervisor of a cluster of nothing with an owner, in this process; timers move only by hand. */
async function serve(context: TestContext, owner: ProcessIdentity | undefined) {
  const { mock } = context;
  mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
  mock.method(process.stderr, 'write', () => true);
  const exited = Promise.withResolvers<undefined>();
  mock.method(process, 'exit', () => {
    exited.resolve(undefined);
  });
  const before = (['SIGTERM', 'SIGINT', 'SIGHUP'] as const).map(
    (name) => [name, process.listeners(name)] as const,
  );
  context.after(() => {
    for (const [name, kept] of before)
      for (const listener of process.listeners(name))
        if (!kept.includes(listener)) process.off(name, listener);
  });
  const paths = clusterPaths('c', temporaryDirectory('serve'));
  mkdirSync(paths.logs, { recursive: true });
  let stopped = false;
  const backend = {
    spec: { name: 'c', owner },
    software: [],
    machines: { nodes: () => [], has: () => false },
    facts: () => ({}),
    bringUp: () => Promise.resolve(),
    stop: () => Promise.resolve(void (stopped = true)),
    sweep: () => Promise.resolve(),
  } as unknown as ClusterBackend;
  await serveCluster(paths, () => backend);
  return { ended: exited.promise, isStopped: () => stopped };
}

test('a cluster stays as long as its owner does, and goes with it', { timeout: 10_000 }, async (context) => {
  const owner = spawn('sleep', ['60']);
  const { ended, isStopped } = await serve(context, identityOf(owner.pid ?? 0));
  context.mock.timers.tick(60_000);
  assert.equal(isStopped(), false);
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  context.mock.timers.tick(200);
  await ended;
  assert.ok(isStopped());
});
