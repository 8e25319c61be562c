import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { KubeClient } from './client.ts';
import { ListWatch, type ListWatchOptions, type WatchChange } from './list-watch.ts';
import type { KubeObject } from './objects.ts';
import { ScriptedServer, sendJson } from './testing/scripted-server.ts';

const object = (name: string, resourceVersion: number): KubeObject => ({
  metadata: { name, namespace: 'default', uid: name, resourceVersion: String(resourceVersion) },
});
const list = (resourceVersion: number, ...items: readonly KubeObject[]) => ({
  metadata: { resourceVersion: String(resourceVersion) },
  items,
});
const frame = (type: string, object: unknown) => `${JSON.stringify({ type, object })}\n`;

/** A collection whose lists and watches a test answers by hand. */
class Collection implements AsyncDisposable {
  readonly changes: string[] = [];
  readonly watch: ListWatch<KubeObject, KubeObject>;
  readonly server: ScriptedServer;
  readonly #kube: KubeClient;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  private constructor(server: ScriptedServer, options: ListWatchOptions<KubeObject, KubeObject>) {
    this.server = server;
    this.#kube = new KubeClient({ server: server.url });
    this.watch = new ListWatch(
      this.#kube,
      { apiVersion: 'v1', kind: 'Pod', namespace: 'default', labelSelector: 'app=web' },
      {
        backOff: { firstMs: 4, maxMs: 40 },
        ...options,
        onChange: (change) => this.changes.push(describe(change)),
      },
    );
    this.#done = this.watch.start(this.#stop.signal);
  }

  static async start(
    answers: {
      readonly list: () => unknown;
      readonly watch: (response: ServerResponse, resourceVersion: string) => unknown;
      readonly probe?: (response: ServerResponse) => void;
    },
    options: ListWatchOptions<KubeObject, KubeObject> = {},
  ): Promise<Collection> {
    const server = await ScriptedServer.start((_, response, { searchParams }) => {
      if (searchParams.get('labelSelector') !== 'app=web') {
        sendJson(response, 400, {});
        return;
      }
      if (searchParams.has('watch')) {
        response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
        answers.watch(response, searchParams.get('resourceVersion') ?? '');
        return;
      }
      if (searchParams.get('limit') === '1' && answers.probe !== undefined) {
        answers.probe(response);
        return;
      }
      const found = answers.list();
      sendJson(response, found === undefined ? 503 : 200, found ?? { message: 'starting' });
    });
    return new Collection(server, options);
  }

  async until(change: string): Promise<void> {
    const deadline = AbortSignal.timeout(5000);
    while (!this.changes.includes(change)) {
      assert.ok(!deadline.aborted, `"${change}" did not come; came: ${this.changes.join(', ')}`);
      await delay(2);
    }
  }

  requests(part: string): number {
    return this.server.seen.filter((each) => each.includes(part)).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done;
    this.#kube.close();
    await this.server[Symbol.asyncDispose]();
  }
}

function describe(change: WatchChange<KubeObject>): string {
  if (change.type === 'synced') return 'synced';
  if (change.type !== 'gap') return `${change.type} ${change.object.metadata?.name}`;
  return change.phase === 'open'
    ? `gap: ${change.reason}`
    : `gap closed, ${change.lossless ? 'lossless' : 'lossy'}`;
}

test('a watch that ends in its time is taken up where it stopped, without a gap and without a list', async () => {
  let watches = 0;
  await using collection = await Collection.start({
    list: () => list(10, object('a', 9)),
    watch: (response, resourceVersion) => {
      watches++;
      if (watches === 1) {
        assert.equal(resourceVersion, '10');
        response.write(frame('BOOKMARK', object('', 20)));
        response.end(frame('ADDED', object('b', 21)));
      } else if (watches === 2) {
        assert.equal(resourceVersion, '21');
        response.write(frame('DELETED', object('a', 22)));
      }
    },
  });
  await collection.until('deleted a');
  assert.deepEqual(collection.changes, ['added a', 'synced', 'added b', 'deleted a']);
  assert.equal(collection.requests('limit=500'), 1);
  assert.equal(collection.watch.resourceVersion, '22');
});

test('a point in history that the server has forgotten (410) means a new list, and only its differences are told', async () => {
  let lists = 0;
  let watches = 0;
  await using collection = await Collection.start({
    list: () =>
      ++lists === 1
        ? list(10, object('kept', 1), object('gone', 2))
        : list(90, object('kept', 1), object('new', 80)),
    watch: (response) => {
      const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
      if (++watches === 1) response.end(frame('ERROR', status));
    },
  });
  await collection.until('gap closed, lossy');
  assert.deepEqual(collection.changes, [
    'added kept',
    'added gone',
    'synced',
    'gap: WATCH Pod: 410 too old resource version',
    'deleted gone',
    'added new',
    'gap closed, lossy',
  ]);
});

test('a connection that breaks in the middle of a line is a gap, resumed without a loss', async () => {
  let watches = 0;
  await using collection = await Collection.start({
    list: () => list(10),
    probe: (response) => sendJson(response, 200, list(12)),
    watch: (response, resourceVersion) => {
      watches++;
      if (watches === 1) {
        response.write(frame('ADDED', object('a', 11)));
        response.write('{"type":"ADDED","obj', () => response.destroy());
      } else {
        assert.equal(resourceVersion, '11');
        response.write(frame('ADDED', object('b', 12)));
      }
    },
  });
  await collection.until('added b');
  assert.deepEqual(
    collection.changes.map((change) => change.replace(/^gap: .*/, 'gap')),
    ['synced', 'added a', 'gap', 'gap closed, lossless', 'added b'],
  );
});

test('a watch that opens only to refuse our point in history does not end the gap', async () => {
  let lists = 0;
  let watches = 0;
  await using collection = await Collection.start({
    list: () => (++lists === 1 ? list(10) : list(90, object('new', 80))),
    probe: (response) => sendJson(response, 200, list(90)),
    watch: (response) => {
      const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
      if (++watches === 1) response.destroy();
      if (watches === 2) setTimeout(() => response.end(frame('ERROR', status)), 60);
    },
  });
  await collection.until('gap closed, lossy');
  assert.equal(collection.changes.filter((change) => change.startsWith('gap: ')).length, 1);
  assert.equal(collection.changes.filter((change) => change.startsWith('gap closed')).length, 1);
});

test('a server that closes every watch at once is asked less and less often', async () => {
  await using collection = await Collection.start({
    list: () => list(10),
    probe: (response) => sendJson(response, 200, list(10)),
    watch: (response) => response.end(),
  });
  await collection.until('gap: watch of Pod: the server closed the watch at once');
  await delay(300);
  assert.ok(collection.requests('watch=true') >= 5);
  assert.ok(collection.requests('watch=true') < 25, `${collection.requests('watch=true')} watches`);
});

test('a watch that says nothing for too long is opened anew, which alone is no gap', async () => {
  let reopened = () => undefined as unknown;
  const third = new Promise((resolve) => (reopened = () => resolve(undefined)));
  let watches = 0;
  await using collection = await Collection.start(
    { list: () => list(10), watch: () => ++watches === 3 && reopened() },
    { silenceLimitMs: 50 },
  );
  await third;
  assert.deepEqual(collection.changes, ['synced']);
  assert.equal(collection.requests('limit=500'), 1);
});

test('a probe that is refused is no reason to give a watch up, nor a proof that the cache is current', async () => {
  let probes = 0;
  const third = Promise.withResolvers<undefined>();
  const freshMonoMs: number[] = [];
  await using collection = await Collection.start(
    {
      list: () => list(10),
      probe: (response) => {
        freshMonoMs.push(collection.watch.lastFreshMonoMs);
        sendJson(response, 429, { message: 'too many requests' });
        if (++probes === 3) third.resolve(undefined);
      },
      watch: () => undefined,
    },
    { probeIntervalMs: 20 },
  );
  await third.promise;
  assert.deepEqual(collection.changes, ['synced']);
  assert.equal(new Set(freshMonoMs).size, 1);
});

test('a watch whose connection has died without a word is a gap, although the server answers, and is resumed', async () => {
  let watches = 0;
  await using collection = await Collection.start(
    {
      list: () => list(10, object('a', 5)),
      probe: (response) => sendJson(response, 200, list(20, object('a', 15))),
      watch: (response, resourceVersion) => {
        assert.equal(resourceVersion, '10');
        if (++watches === 2) response.write(frame('MODIFIED', object('a', 15)));
      },
    },
    { probeIntervalMs: 20, probeTimeoutMs: 2_000 },
  );
  await collection.until('modified a');
  assert.deepEqual(collection.changes, [
    'added a',
    'synced',
    'gap: watch of Pod: it says nothing after version 10, and an object is at 15',
    'gap closed, lossless',
    'modified a',
  ]);
});

test('a change that the watch tells of after a probe has met it is none', async () => {
  let probes = 0;
  const fourth = Promise.withResolvers<undefined>();
  let tell: (() => void) | undefined;
  await using collection = await Collection.start(
    {
      list: () => list(10),
      probe: (response) => {
        sendJson(response, 200, probes === 0 ? list(20, object('a', 15)) : { metadata: {}, items: null });
        tell?.();
        if (++probes === 4) fourth.resolve(undefined);
      },
      watch: (response) => {
        tell = () => {
          response.write(frame('ADDED', object('a', 15)));
          tell = undefined;
        };
      },
    },
    { probeIntervalMs: 60, probeTimeoutMs: 2_000 },
  );
  await fourth.promise;
  assert.deepEqual(collection.changes, ['synced', 'added a']);
});

test('a server whose history is behind ours is another one: it is listed anew', async () => {
  let lists = 0;
  await using collection = await Collection.start(
    {
      list: () => (++lists === 1 ? list(5000, object('old', 4000)) : list(30, object('new', 20))),
      probe: (response) => sendJson(response, 200, list(30)),
      watch: () => undefined,
    },
    { probeIntervalMs: 20 },
  );
  await collection.until('gap closed, lossy');
  assert.deepEqual(collection.changes.slice(-3), ['deleted old', 'added new', 'gap closed, lossy']);
});

test('an API server that cannot answer at the start is waited for; an empty list may be null', async () => {
  let asked = 0;
  await using collection = await Collection.start({
    list: () => (++asked < 4 ? undefined : { metadata: { resourceVersion: '10' }, items: null }),
    watch: (response) => response.write(frame('ADDED', object('a', 11))),
  });
  await collection.until('added a');
  assert.match(collection.changes[0] ?? '', /^gap: GET .* 503/);
  assert.deepEqual(collection.changes.slice(1), ['gap closed, lossy', 'synced', 'added a']);
});
