import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { request } from 'node:http';
import { test, type TestContext } from 'node:test';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import { clusterPaths } from './cluster-directory.ts';
import { serveCluster } from './serve.ts';
import type { ClusterBackend } from './supervised-cluster.ts';

/** A supervisor of an ephemeral cluster of nothing, in this process; timers move only by hand. */
async function serve(context: TestContext) {
  const { mock } = context;
  mock.timers.enable({ apis: ['setTimeout'] });
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
    spec: { name: 'c', ephemeral: true },
    software: [],
    machines: { nodes: () => [], has: () => false },
    facts: () => ({}),
    bringUp: () => Promise.resolve(),
    stop: () => Promise.resolve(void (stopped = true)),
    sweep: () => Promise.resolve(),
  } as unknown as ClusterBackend;
  await serveCluster(paths, () => backend);
  const own = async () => {
    const line = request({ socketPath: paths.controlSocket, path: '/v1/owner' }).end();
    await once(line, 'response');
    return { hangUp: () => line.destroy() };
  };
  return { own, ended: exited.promise, isStopped: () => stopped };
}

test(
  'an ephemeral cluster goes down where no owner comes within the limit',
  { timeout: 10_000 },
  async (context) => {
    const { ended, isStopped } = await serve(context);
    context.mock.timers.tick(14_999);
    assert.equal(isStopped(), false);
    context.mock.timers.tick(1);
    await ended;
    assert.ok(isStopped());
  },
);

test(
  'an ephemeral cluster stays as long as its owner does, and goes with it',
  { timeout: 10_000 },
  async (context) => {
    const { own, ended, isStopped } = await serve(context);
    const owner = await own();
    context.mock.timers.tick(15_000);
    assert.equal(isStopped(), false);
    owner.hangUp();
    await ended;
    assert.ok(isStopped());
  },
);
