import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { KubeClient } from './client.ts';
import { LeaderElector } from './lease.ts';
import { TestApiServer } from './testing/api-server.ts';
import { TcpRelay } from './testing/tcp-relay.ts';

let server: TestApiServer;

before(async () => {
  server = await TestApiServer.start();
});
after(async () => {
  await server.stop();
});

/** An elector that runs, what it said, and a way to stop it. */
class Candidate implements AsyncDisposable {
  readonly said: string[] = [];
  readonly elector: LeaderElector;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(name: string, identity: string, kube: KubeClient = server.client()) {
    this.elector = new LeaderElector(kube, {
      namespace: 'default',
      name,
      identity,
      onStartedLeading: () => this.said.push('started'),
      onStoppedLeading: (reason) => void this.said.push(`stopped: ${reason}`),
    });
    this.#done = this.elector.run(this.#stop.signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }
}

/** Looks every few milliseconds at who believes to lead. */
class Referee implements Disposable {
  readonly #candidates: readonly Candidate[];
  readonly #timer: NodeJS.Timeout;
  atMostOne = true;

  constructor(...candidates: readonly Candidate[]) {
    this.#candidates = candidates;
    this.#timer = setInterval(() => (this.atMostOne &&= this.leaders().length <= 1), 3);
  }
  leaders(): Candidate[] {
    return this.#candidates.filter(({ elector }) => elector.stillLeading());
  }
  /** Milliseconds until exactly this holds. */
  async until(what: string, condition: () => boolean, withinMs: number): Promise<number> {
    const startMs = performance.now();
    while (!condition()) {
      assert.ok(performance.now() - startMs < withinMs, `${what} did not come within ${withinMs} ms`);
      await delay(5);
    }
    return performance.now() - startMs;
  }
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

test('one of two leads; when it stops, the other takes over at its next look', async () => {
  await using a = new Candidate('handover', 'a');
  await using b = new Candidate('handover', 'b');
  using referee = new Referee(a, b);
  await referee.until('a leader', () => referee.leaders().length === 1, 3000);
  const [first] = referee.leaders();
  const other = first === a ? b : a;
  const holder = first === a ? 'a' : 'b';
  await referee.until('the other to know', () => other.elector.leader === holder, 2000);
  await first?.[Symbol.asyncDispose]();
  assert.equal(first?.said.at(-1), 'stopped: stopped');
  const tookMs = await referee.until('the other', () => other.elector.stillLeading(), 2000);
  assert.ok(tookMs < 1500, `taken over after ${tookMs} ms`);
  assert.ok(referee.atMostOne);
});

test('a leader that is cut off stops before the other one starts', async () => {
  await using relay = await TcpRelay.to(Number(new URL(server.target.server).port));
  const throughRelay = server.client({}, { ...server.target, server: `https://127.0.0.1:${relay.port}` });
  await using a = new Candidate('cut', 'a', throughRelay);
  await delay(500);
  await using b = new Candidate('cut', 'b');
  using referee = new Referee(a, b);
  assert.ok(a.elector.stillLeading());
  await delay(1500);
  relay.shut();
  const stoppedMs = await referee.until('the end of the first', () => !a.elector.stillLeading(), 4000);
  assert.ok(stoppedMs <= 3100, `the first stopped after ${stoppedMs} ms`);
  const tookMs = stoppedMs + (await referee.until('the second', () => b.elector.stillLeading(), 4000));
  assert.ok(tookMs >= 3000 && tookMs < 6000, `the second leads after ${tookMs} ms`);
  await delay(20);
  assert.match(a.said.at(-1) ?? '', /^stopped: not renewed within 3000 ms/);
  relay.open();
  await delay(1500);
  assert.ok(b.elector.stillLeading(), 'the first does not take it back');
  assert.equal(a.elector.leader, 'b');
  assert.ok(referee.atMostOne);
});

test('while the API server is frozen, and after the thaw, at most one leads', async () => {
  await using a = new Candidate('frozen', 'a');
  await using b = new Candidate('frozen', 'b');
  using referee = new Referee(a, b);
  await referee.until('a leader', () => referee.leaders().length === 1, 3000);
  for (const frozenMs of [2000, 5500]) {
    await delay(700);
    server.freeze();
    await delay(frozenMs);
    server.thaw();
    await referee.until('a leader again', () => referee.leaders().length === 1, 7000);
  }
  assert.ok(referee.atMostOne);
});

test('an API server that is killed and started again costs the leadership at most for a while', async () => {
  await using a = new Candidate('killed', 'a');
  await using b = new Candidate('killed', 'b');
  using referee = new Referee(a, b);
  await referee.until('a leader', () => referee.leaders().length === 1, 3000);
  await server.kill();
  await referee.until('nobody leading', () => referee.leaders().length === 0, 3100);
  await server.startApiServer();
  await referee.until('a leader again', () => referee.leaders().length === 1, 7000);
  assert.ok(referee.atMostOne);
});
