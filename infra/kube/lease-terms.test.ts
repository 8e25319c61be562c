import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../../harness/core/clock.ts';
import type { KubeClient } from './client.ts';
import { refusal } from './errors.ts';
import { LeaderElector } from './lease.ts';
import type { Lease } from './objects.ts';
import { VirtualClock, VirtualTime } from './testing/virtual-clock.ts';

type Options = ConstructorParameters<typeof LeaderElector>[1];
interface Request {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** One elector before one Lease, whose answers come when a test says. What is said and asked bears its time. */
class Bench {
  readonly time = new VirtualTime();
  lease: Lease | undefined;
  answersInMs = 0;
  /** How far the wall clock went while the machine was suspended. */
  suspendedMs = 0;
  /** What the next requests are refused with, if at all. */
  readonly refusals: (number | undefined)[] = [];
  readonly said: string[] = [];
  readonly asked: string[] = [];
  readonly limits = new Set<number>();
  readonly stop = new AbortController();
  readonly elector: LeaderElector;
  ended: Promise<void> | undefined;
  #version = 0;

  constructor(options: Partial<Options> = {}) {
    const own = new VirtualClock(this.time);
    const clock: Clock = {
      now: () => {
        const { monoMs, wallMs } = own.now();
        return { monoMs, wallMs: wallMs + this.suspendedMs };
      },
      sleep: async (ms, signal) => await own.sleep(ms, signal),
    };
    const kube = {
      clock,
      find: (ref: unknown, facts: Request) => {
        assert.deepEqual(ref, {
          apiVersion: 'coordination.k8s.io/v1',
          kind: 'Lease',
          namespace: 'ns',
          name: 'leader',
        });
        return this.#answer('GET', facts, () => structuredClone(this.lease));
      },
      create: (lease: Lease, facts: Request) => this.#answer('POST', facts, () => this.store(lease)),
      replace: (lease: Lease, facts: Request) => this.#answer('PUT', facts, () => this.#replace(lease)),
    };
    this.elector = new LeaderElector(kube as unknown as KubeClient, {
      ...{ namespace: 'ns', name: 'leader', identity: 'a', random: () => 0.5 },
      onStartedLeading: ({ transitions }) => this.#say(`leads, term ${transitions}`),
      onStoppedLeading: (reason) => this.#say(reason),
      onProblem: (error) => this.#say((error as Error).message),
      ...options,
    });
  }

  run(): this {
    this.ended = this.elector.run(this.stop.signal);
    return this;
  }

  /** Lets time pass until this many milliseconds after the beginning. */
  async until(ms: number): Promise<void> {
    await this.time.pass(ms - this.time.nowMs);
  }

  store(lease: Lease): Lease {
    this.lease = structuredClone({
      ...lease,
      metadata: { ...lease.metadata, resourceVersion: String(++this.#version) },
    });
    return structuredClone(this.lease);
  }

  holds(by: string, more: Lease['spec'] = {}): void {
    this.store({ metadata: { name: 'leader' }, spec: { holderIdentity: by, ...more } });
  }

  #replace(lease: Lease): Lease {
    if (lease.metadata?.resourceVersion !== this.lease?.metadata?.resourceVersion)
      throw refusal('PUT', 'lease', 409, { reason: 'Conflict', message: 'changed' });
    return this.store(lease);
  }

  #say(what: string): void {
    this.said.push(`${this.time.nowMs}: ${what}`);
  }

  async #answer<T>(verb: string, { timeoutMs, signal }: Request, act: () => T): Promise<T> {
    this.asked.push(`${this.time.nowMs}: ${verb}`);
    this.limits.add(timeoutMs);
    const refused = this.refusals.shift();
    if (refused !== undefined)
      throw refusal(verb, 'lease', refused, {
        message: 'no',
        reason: refused === 409 ? 'AlreadyExists' : '',
      });
    const result = act();
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    if (this.answersInMs > 0) this.time.at(this.time.nowMs + this.answersInMs, () => resolve(undefined));
    else resolve(undefined);
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    await promise;
    return result;
  }
}

test('a lease that nobody holds is taken at once, and renewed every second by one request, which has a second', async () => {
  const bench = new Bench().run();
  await bench.until(3500);
  assert.deepEqual(bench.said, ['0: leads, term 0']);
  assert.deepEqual(bench.asked, ['0: GET', '0: POST', '1000: PUT', '2000: PUT', '3000: PUT']);
  assert.deepEqual([...bench.limits], [1000]);
  assert.equal(bench.elector.leader, 'a');
  assert.equal(bench.lease?.spec?.leaseDurationSeconds, 4);
});

test('the time to the next renewal counts from when the last was asked for', async () => {
  const bench = new Bench();
  bench.answersInMs = 300;
  bench.run();
  await bench.until(2500);
  assert.deepEqual(bench.asked, ['0: GET', '300: POST', '1000: PUT', '2000: PUT']);
});

test('an election that takes longer than its pace goes on after ten milliseconds, and never without a pause', async () => {
  const bench = new Bench({ retryMs: 100, renewDeadlineMs: 500, leaseDurationMs: 1000 });
  bench.answersInMs = 120;
  bench.run();
  await bench.until(380);
  assert.deepEqual(bench.asked, ['0: GET', '120: POST', '250: PUT', '380: PUT']);
});

test('leadership is proved for three seconds from when the renewal was asked for, not from when it was answered', async () => {
  const bench = new Bench();
  bench.answersInMs = 500;
  bench.run();
  await bench.until(1005);
  assert.deepEqual(bench.said, ['1000: leads, term 0']);
  bench.answersInMs = 100_000;
  // Asked for again and never answered: the last proof is of what was asked for at 0.
  await bench.until(2999);
  assert.ok(bench.elector.stillLeading());
  await bench.until(3000);
  assert.ok(!bench.elector.stillLeading());
  assert.deepEqual(bench.said.slice(1), ['3000: not renewed within 3000 ms']);
});

test('an answer that comes after the proof has run out begins no term', async () => {
  const bench = new Bench();
  bench.answersInMs = 3100;
  bench.run();
  await bench.until(8000);
  assert.deepEqual(bench.said, []);
  assert.ok(!bench.elector.stillLeading());
});

test('a machine that was suspended has lost its proof, although its monotonic clock stood still', async () => {
  const bench = new Bench().run();
  await bench.until(500);
  bench.suspendedMs = 2499;
  assert.ok(bench.elector.stillLeading());
  bench.suspendedMs = 2500;
  assert.ok(!bench.elector.stillLeading());
});

test('a wall clock that is set back proves nothing for longer', async () => {
  const bench = new Bench().run();
  await bench.until(500);
  bench.suspendedMs = -10_000;
  bench.answersInMs = 100_000;
  await bench.until(3000);
  assert.ok(!bench.elector.stillLeading());
});

test('whoever waits looks about every second, and takes the lease when it was seen unchanged for four', async () => {
  const bench = new Bench();
  bench.holds('b', { leaseTransitions: 4 });
  bench.run();
  await bench.until(3000);
  assert.equal(bench.elector.leader, 'b');
  assert.deepEqual(bench.asked, ['0: GET', '900: GET', '1800: GET', '2700: GET']);
  await bench.until(4100);
  assert.deepEqual(bench.asked.slice(4), ['3600: GET', '4000: GET', '4000: PUT']);
  assert.deepEqual(bench.said, ['4000: leads, term 5']);
});

test('a candidate never looks later than a second after its last look, nor sooner than four fifths of it', async () => {
  for (const [random, secondLook] of [
    [0, '800: GET'],
    [1, '1000: GET'],
  ] as const) {
    const bench = new Bench({ random: () => random });
    bench.holds('b');
    bench.run();
    await bench.until(1000);
    assert.deepEqual(bench.asked, ['0: GET', secondLook]);
  }
});

test('whoever renews in time keeps its lease from others', async () => {
  const bench = new Bench();
  bench.holds('b');
  bench.run();
  for (let second = 1; second <= 10; second++) {
    await bench.until(1000 * second);
    bench.holds('b');
  }
  assert.deepEqual(bench.said, []);
  await bench.until(15_000);
  assert.deepEqual(bench.said, ['14800: leads, term 1']);
});

test('a conflict is no problem: it is looked at again after a tenth of a second, before anything is written', async () => {
  const bench = new Bench().run();
  await bench.until(500);
  bench.refusals.push(409);
  await bench.until(1500);
  assert.deepEqual(bench.asked.slice(2), ['1000: PUT', '1100: GET', '1100: PUT']);
  assert.deepEqual(bench.said, ['0: leads, term 0']);
});

test('a request that fails is told, and tried again after a second, by a look first', async () => {
  const bench = new Bench().run();
  await bench.until(500);
  bench.refusals.push(500);
  await bench.until(2500);
  assert.deepEqual(bench.asked.slice(2), ['1000: PUT', '2000: GET', '2000: PUT']);
  assert.deepEqual(bench.said.slice(1), ['1000: PUT lease: 500 no']);
});

test('who finds that another one holds the lease stops at once', async () => {
  const bench = new Bench().run();
  await bench.until(500);
  bench.holds('b');
  await bench.until(1500);
  assert.ok(!bench.elector.stillLeading());
  assert.deepEqual(bench.said.slice(1), ['1100: the lease is held by "b"']);
  assert.equal(bench.elector.leader, 'b');
});

test('a lease of our name that another process may have made is waited for; one that we wrote is ours again', async () => {
  const bench = new Bench();
  bench.holds('a');
  bench.run();
  await bench.until(3000);
  assert.deepEqual(bench.said, []);
  await bench.until(4100);
  assert.deepEqual(bench.said, ['4000: leads, term 0']);
  bench.refusals.push(500, 500, 500, 500);
  await bench.until(10_000);
  assert.deepEqual(bench.said.slice(-1), ['9000: leads, term 0']);
});

test('a lease of our name is ours after a write of ours that may have been carried out, and not where it was there before', async () => {
  for (const [refused, leads] of [
    [500, '1000: leads, term 0'],
    [409, '4100: leads, term 0'],
  ] as const) {
    const bench = new Bench();
    bench.refusals.push(undefined, refused);
    bench.run();
    await bench.until(50);
    bench.holds('a');
    await bench.until(5000);
    assert.equal(bench.said.at(-1), leads);
  }
});

test('who stops gives the lease up, after its work has ended; who does not lead leaves it alone', async () => {
  const work = Promise.withResolvers<undefined>();
  const bench = new Bench({ onStoppedLeading: () => work.promise }).run();
  await bench.until(500);
  bench.stop.abort();
  await bench.until(600);
  assert.equal(bench.lease?.spec?.holderIdentity, 'a');
  assert.ok(!bench.elector.stillLeading());
  work.resolve(undefined);
  await bench.until(700);
  await bench.ended;
  assert.equal(bench.lease.spec.holderIdentity, '');
  assert.equal(bench.asked.at(-1), '600: PUT');
  assert.deepEqual([...bench.limits], [1000]);

  const other = new Bench();
  other.holds('b');
  other.run();
  await other.until(500);
  other.stop.abort();
  await other.until(1000);
  await other.ended;
  assert.equal(other.lease?.spec?.holderIdentity, 'b');
  assert.deepEqual(other.asked, ['0: GET']);
});

test('who stops while a request is under way waits for no answer, and calls that no problem', async () => {
  for (const holder of ['a', 'b']) {
    const bench = new Bench();
    if (holder === 'b') bench.holds('b');
    bench.answersInMs = 100_000;
    bench.run();
    await bench.until(500);
    bench.stop.abort();
    await bench.until(600);
    await bench.ended;
    assert.deepEqual([bench.said, bench.asked], [[], ['0: GET']]);
  }
});

test('a lease that somebody has deleted is free at once', async () => {
  const bench = new Bench();
  bench.holds('b');
  bench.run();
  await bench.until(500);
  bench.lease = undefined;
  await bench.until(1000);
  assert.deepEqual(bench.said, ['900: leads, term 0']);
});

test('a lease that names nobody has no leader until it is taken', async () => {
  for (const spec of [undefined, {}]) {
    const bench = new Bench();
    bench.store({ metadata: { name: 'leader' }, ...(spec && { spec }) });
    bench.refusals.push(undefined, 500);
    bench.run();
    await bench.until(500);
    assert.equal(bench.elector.leader, '');
    await bench.until(1500);
    assert.equal(bench.said.at(-1), '1000: leads, term 1');
  }
});

test('a lease that could not be given up is told', async () => {
  const bench = new Bench().run();
  await bench.until(500);
  bench.refusals.push(500);
  bench.stop.abort();
  await bench.until(1000);
  await bench.ended;
  assert.deepEqual(bench.said.slice(1), ['500: stopped', '500: PUT lease: 500 no']);
});

test('the signal of a term aborts when it ends, and says why', async () => {
  let signal: AbortSignal | undefined;
  const bench = new Bench({ onStartedLeading: (term) => void (signal = term.signal) }).run();
  await bench.until(500);
  assert.equal(signal?.aborted, false);
  bench.holds('b');
  await bench.until(1500);
  assert.equal(signal.aborted, true);
  assert.match((signal.reason as Error).message, /^no longer the leader: the lease is held by "b"/);
});
