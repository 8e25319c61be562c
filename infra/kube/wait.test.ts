import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KubeClient } from './client.ts';
import { KubeError } from './errors.ts';
import { ScriptedServer, sendJson } from './testing/scripted-server.ts';
import type { KubeRequest } from './transport.ts';
import { waitDeleted, waitForAll, waitForApiServer, waitForObject } from './wait.ts';

const PODS = { apiVersion: 'v1', kind: 'Pod', namespace: 'default' } as const;
const pod = (name: string) => ({
  metadata: { name, namespace: 'default', uid: `uid of ${name}`, resourceVersion: '7' },
});

/** An API server that has these pods, and what its watch says of them after the first list. */
async function serverOf(names: readonly string[], events: readonly object[] = []) {
  const server = await ScriptedServer.start((_, response, { searchParams }) => {
    if (!searchParams.has('watch'))
      sendJson(response, 200, { metadata: { resourceVersion: '7' }, items: names.map(pod) });
    else {
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
      for (const event of events) response.write(`${JSON.stringify(event)}\n`);
    }
  });
  return { server, kube: new KubeClient({ server: server.url }) };
}

test('objects are looked at when all of them are known, and one alone is asked for by its name', async () => {
  const { server, kube } = await serverOf(['a', 'b']);
  await using _server = server;
  using _kube = kube;
  const seen: number[] = [];
  await waitForAll(kube, PODS, (pods) => (seen.push(pods.length), true), { timeoutMs: 5_000 });
  assert.deepEqual(seen, [2]);
  await waitForObject(kube, { ...PODS, name: 'a' }, () => true, { timeoutMs: 5_000 });
  assert.match(server.seen.at(-1) ?? '', /fieldSelector=metadata.name%3Da/);
});

test('what is there is gone when it is deleted, or at once where another one has its name', async () => {
  const { server, kube } = await serverOf(['a'], [{ type: 'DELETED', object: pod('a') }]);
  await using _server = server;
  using _kube = kube;
  const ref = { ...PODS, name: 'a' };
  await waitDeleted(kube, ref, { timeoutMs: 5_000 });
  assert.ok(
    server.seen.some((each) => each.includes('watch=')),
    'nobody has waited',
  );
  server.seen.length = 0;
  await waitDeleted(kube, ref, { timeoutMs: 5_000, uid: 'uid of its predecessor' });
  assert.ok(!server.seen.some((each) => each.includes('watch=')), 'it was waited for another one');
});

test('an interruption ends a wait with its own reason, and a time-out says what was missing', async () => {
  const { server, kube } = await serverOf(['a']);
  await using _server = server;
  using _kube = kube;
  const abort = new AbortController();
  const refuse = () => {
    abort.abort(new Error('changed my mind'));
    return 'not yet';
  };
  const ref = { ...PODS, name: 'a' };
  await assert.rejects(
    waitForObject(kube, ref, refuse, { timeoutMs: 5_000, signal: abort.signal }),
    /^Error: changed my mind$/,
  );
  await assert.rejects(
    waitForObject(kube, ref, () => 'not yet', { timeoutMs: 100 }),
    {
      code: 'kube.wait-timeout',
      message: /^waited 0\.1 s for Pod default\/a: not yet/,
    },
  );
});

test('an API server may be asked for another path, and a fault of ours is no server that is late', async () => {
  const asked: string[] = [];
  const client = (fails?: Error) =>
    ({
      request: ({ path }: KubeRequest) => {
        asked.push(path);
        return fails === undefined ? Promise.resolve() : Promise.reject(fails);
      },
      target: { server: '' },
    }) as unknown as KubeClient;
  await waitForApiServer(client(), { timeoutMs: 5_000 });
  await waitForApiServer(client(), { timeoutMs: 5_000, path: '/version' });
  assert.deepEqual(asked, ['/readyz', '/version']);
  await assert.rejects(waitForApiServer(client(new TypeError('x')), { timeoutMs: 5_000 }), TypeError);
});

test('a slow API server gets more time for each question, and fewer of them; one that refuses does not', async () => {
  const allowed: (number | undefined)[] = [];
  const waits: number[] = [];
  const failures = [
    'kube.timeout',
    'kube.timeout',
    'kube.unreachable',
    ...Array<'kube.timeout'>(4).fill('kube.timeout'),
  ];
  const request = ({ timeoutMs }: KubeRequest): Promise<unknown> => {
    allowed.push(timeoutMs);
    const code = failures[allowed.length - 1] as 'kube.timeout' | undefined;
    return code === undefined
      ? Promise.resolve()
      : Promise.reject(new KubeError(code, 'no answer', { status: 0, reason: '' }));
  };
  const clock = { sleep: (ms: number) => Promise.resolve(void waits.push(ms)) };
  await waitForApiServer({ request, clock, target: { server: '' } } as unknown as KubeClient, {
    timeoutMs: 60_000,
  });
  assert.deepEqual(allowed, [1_000, 2_000, 4_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
  assert.deepEqual(waits, [25, 50, 100, 200, 400, 800, 1_600]);
});
