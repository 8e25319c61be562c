import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../harness/core/clock.ts';
import type { KubeClient } from './client.ts';
import { isUnreachable } from './errors.ts';
import { listWatch, type ListWatch, type ListWatchOptions, type WatchChange } from './list-watch.ts';
import type { ConfigMap } from './objects.ts';
import { TestApiServer } from './testing/api-server.ts';

let server: TestApiServer;
let kube: KubeClient;

before(async () => {
  server = await TestApiServer.start();
  kube = server.client({ timeoutMs: 2000 });
});
after(async () => {
  await server.stop();
});

/** A watched namespace of ConfigMaps, and every change that it told. */
class Watched implements AsyncDisposable {
  readonly namespace: string;
  readonly changes: WatchChange<ConfigMap>[] = [];
  readonly watch: ListWatch<ConfigMap, ConfigMap>;
  readonly #stop = new AbortController();
  #done: Promise<void> | undefined;
  #wake: (() => void) | undefined;

  constructor(namespace: string, options: ListWatchOptions<ConfigMap, ConfigMap> = {}) {
    this.namespace = namespace;
    const onChange = (change: WatchChange<ConfigMap>) => {
      this.changes.push(change);
      this.#wake?.();
    };
    const selection = { apiVersion: 'v1', kind: 'ConfigMap', namespace } as const;
    this.watch = listWatch(server.client(), selection, { ...options, onChange });
  }

  static async start(namespace: string, options?: ListWatchOptions<ConfigMap, ConfigMap>): Promise<Watched> {
    await kube.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    const watched = new Watched(namespace, options);
    watched.#done = watched.watch.start(watched.#stop.signal);
    await watched.watch.synced;
    return watched;
  }

  async until(what: string, condition: () => boolean, timeoutMs = 20_000): Promise<void> {
    const deadline = AbortSignal.timeout(timeoutMs);
    while (!condition()) {
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      await Promise.race([
        woken,
        delay(timeoutMs, undefined, { signal: deadline, ref: false }).catch(() => undefined),
      ]);
      assert.ok(!deadline.aborted || condition(), `${what} did not come within ${timeoutMs} ms`);
    }
  }

  gaps(phase: 'open' | 'closed') {
    return this.changes.filter((change) => change.type === 'gap' && change.phase === phase);
  }

  /** What a reader of the changes alone would believe; each change must make sense after those before. */
  replay(): Map<string, string> {
    const believed = new Map<string, string>();
    for (const change of this.changes) {
      if (change.type === 'gap' || change.type === 'synced') continue;
      const { name = '', resourceVersion = '' } = change.object.metadata ?? {};
      assert.equal(believed.has(name), change.type !== 'added', `${change.type} ${name}`);
      if (change.type === 'deleted') believed.delete(name);
      else believed.set(name, resourceVersion);
    }
    return believed;
  }

  async assertTrue(): Promise<void> {
    const { items } = await kube.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace: this.namespace });
    const real = new Map(
      items.map(({ metadata }) => [metadata?.name ?? '', metadata?.resourceVersion ?? '']),
    );
    await this.until('the true state', () => isEqual(this.replay(), real));
    const cached = new Map(
      this.watch.list().map(({ metadata }) => [metadata?.name ?? '', metadata?.resourceVersion ?? '']),
    );
    assert.ok(isEqual(cached, real), 'the cache is the real collection');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }
}

function isEqual(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([name, version]) => b.get(name) === version);
}

function configMap(namespace: string, name: string, text = ''): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name }, data: { text } };
}

/** Creates, changes and deletes until told to stop, or so many times; lives through outages. */
async function writeUntil(namespace: string, signal: AbortSignal, rounds = Infinity): Promise<void> {
  for (let round = 0; round < rounds && !signal.aborted; round++) {
    const name = `map-${round}`;
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name } as const;
    try {
      await kube.create(configMap(namespace, name));
      await kube.patch(ref, 'merge', { data: { text: 'changed' } });
      if (round % 3 === 0) await kube.delete(ref);
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      await delay(50);
    }
    await delay(5);
  }
}

test('every change is told, in an order that makes sense, and the cache is the collection', async () => {
  await using watched = await Watched.start('steady');
  await writeUntil('steady', new AbortController().signal, 30);
  await watched.assertTrue();
  assert.equal(watched.gaps('open').length, 0);
  assert.equal(watched.changes.filter(({ type }) => type === 'synced').length, 1);
});

test('an API server that is killed and started again under load costs no object', async () => {
  await using watched = await Watched.start('killed');
  const stop = new AbortController();
  const writing = writeUntil('killed', stop.signal);
  await delay(300);
  await server.kill();
  await watched.until('the gap', () => watched.gaps('open').length === 1, 2000);
  assert.ok(watched.watch.problem !== undefined);
  await delay(300);
  await server.startApiServer();
  await watched.until('the end of the gap', () => watched.gaps('closed').length > 0);
  await delay(300);
  stop.abort();
  await writing;
  await watched.assertTrue();
  assert.equal(watched.watch.problem, undefined);
  assert.deepEqual(
    [watched.gaps('open').length, watched.gaps('closed').length],
    [1, 1],
    'one outage is one gap',
  );
});

test('a frozen API server is noticed within two probes, and nothing is missed after the thaw', async () => {
  await using watched = await Watched.start('frozen', { probeIntervalMs: 400, probeTimeoutMs: 400 });
  await kube.create(configMap('frozen', 'before'));
  await watched.until('the object from before', () => watched.watch.get('before', 'frozen') !== undefined);
  await delay(900);
  assert.equal(watched.gaps('open').length, 0, 'a quiet watch is no gap');
  const frozenMonoMs = systemClock.now().monoMs;
  assert.ok(frozenMonoMs - watched.watch.lastFreshMonoMs < 900, 'probes keep a quiet cache fresh');
  server.freeze();
  await watched.until('the gap', () => watched.gaps('open').length === 1, 5000);
  const noticedMs = systemClock.now().monoMs - frozenMonoMs;
  assert.ok(noticedMs < 1200, `noticed after ${noticedMs} ms`);
  assert.ok(watched.watch.lastFreshMonoMs <= frozenMonoMs + 50, 'nothing is called fresh while it is frozen');
  const creating = kube.create(configMap('frozen', 'during'), { timeoutMs: 20_000 });
  await delay(500);
  server.thaw();
  await creating;
  await watched.until('the end of the gap', () => watched.gaps('closed').length > 0);
  await watched.assertTrue();
  assert.ok(watched.watch.get('during', 'frozen') !== undefined);
});

test('a server with another, younger history at the same address is listed anew', async () => {
  await using watched = await Watched.start('replaced');
  await kube.create(configMap('replaced', 'old'));
  await watched.until('the old object', () => watched.watch.size === 1);
  await server.replaceByEmpty();
  await watched.until('the end of the gap', () => watched.gaps('closed').length > 0);
  assert.equal(watched.watch.size, 0);
  await kube.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'replaced' } });
  await kube.create(configMap('replaced', 'new'));
  await watched.until('the new object', () => watched.watch.get('new', 'replaced') !== undefined);
  await watched.assertTrue();
});

test('what onChange throws is not swallowed', async () => {
  const selection = { apiVersion: 'v1', kind: 'Namespace' } as const;
  const onChange = () => {
    throw new RangeError('the consumer is broken');
  };
  const watch = listWatch(kube, selection, { onChange });
  await assert.rejects(watch.start(new AbortController().signal), { name: 'RangeError' });
  await assert.rejects(watch.synced, { name: 'RangeError' });
});

test('a denied list says so instead of trying for ever', async () => {
  const watch = listWatch(server.client({}, server.guest), { apiVersion: 'v1', kind: 'Secret' });
  await assert.rejects(watch.start(new AbortController().signal), { code: 'kube.forbidden' });
});
