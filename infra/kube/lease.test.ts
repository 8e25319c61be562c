import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LeaderElector } from './lease.ts';
import { BadApi } from './testing/bad-api.ts';
import { VirtualClock, VirtualTime, seededRandom } from './testing/virtual-clock.ts';

interface Process {
  readonly clock: VirtualClock;
  readonly elector: LeaderElector;
  /** +1 at each start, -1 at each stop of a term. */
  terms: number;
}

function startProcesses(
  time: VirtualTime,
  api: BadApi,
  random: () => number,
  signal: AbortSignal,
): Process[] {
  return ['a', 'b', 'c'].map((identity) => {
    const clock = new VirtualClock(time, {
      rate: 0.95 + 0.1 * random(),
      monoOffsetMs: random() * 1e9,
      wallOffsetMs: (random() - 0.5) * 1e9,
    });
    const elector = new LeaderElector(api.clientOf(clock), {
      namespace: 'default',
      name: 'lease',
      identity,
      random,
      onStartedLeading: () => {
        process.terms++;
      },
      onStoppedLeading: () => {
        process.terms--;
      },
    });
    const process: Process = { clock, elector, terms: 0 };
    void elector.run(signal);
    return process;
  });
}

const leadersOf = (processes: readonly Process[]) =>
  processes.filter(({ elector, clock }) => elector.stillLeading() && !clock.isPaused).length;

test('a wait of what rounding has left moves the time of these tests, as timers do', async () => {
  const time = new VirtualTime();
  await time.pass(1e9);
  await Promise.all([new VirtualClock(time).sleep(1e-9), time.pass(1)]);
  assert.equal(time.nowMs, 1e9 + 1);
  let woken = false;
  void new VirtualClock(time).sleep(1e-9).then(() => (woken = true));
  await time.pass(0.5);
  assert.equal(woken, false);
});

test('never two leaders, whatever is late, lost, frozen or paused; and one again soon after it is over', async () => {
  const property = fc.asyncProperty(fc.integer(), async (seed) => {
    const random = seededRandom(seed);
    const time = new VirtualTime();
    const api = new BadApi(time, random);
    const stop = new AbortController();
    const processes = startProcesses(time, api, random, stop.signal);
    let led = 0;
    const check = () => {
      const leaders = leadersOf(processes);
      assert.ok(leaders <= 1, `${leaders} lead at ${time.nowMs} ms`);
      for (const { terms } of processes) assert.ok(terms === 0 || terms === 1);
      led += leaders;
    };
    for (let round = 0; round < 8; round++) {
      const trouble = random();
      if (trouble < 0.3) api.frozenUntilMs = time.nowMs + random() * 9000;
      else if (trouble < 0.5) api.lossRate = random() * 0.6;
      else if (trouble < 0.7) api.slowMs = random() * 400;
      else
        for (const { clock } of processes)
          if (random() < 0.5) clock.pausedUntilMs = time.nowMs + random() * 9000;
      await time.pass(random() * 8000, check);
      if (random() < 0.5) Object.assign(api, { lossRate: 0, slowMs: 20 });
    }
    Object.assign(api, { lossRate: 0, slowMs: 5, frozenUntilMs: 0 });
    for (const { clock } of processes) clock.pausedUntilMs = 0;
    await time.pass(15_000, check);
    assert.ok(led > 0);
    assert.equal(leadersOf(processes), 1, 'one leads when all is well again');
    stop.abort();
    await time.pass(3000, check);
    assert.deepEqual(
      processes.map(({ terms }) => terms),
      [0, 0, 0],
      'every term that started has ended',
    );
  });
  await fc.assert(property, { numRuns: 60, endOnFailure: true });
});

test('times that do not fit together are refused', () => {
  const kube = new BadApi(new VirtualTime(), Math.random).clientOf(new VirtualClock(new VirtualTime()));
  const callbacks = { onStartedLeading: () => undefined, onStoppedLeading: () => undefined };
  const options = { namespace: 'default', name: 'lease', identity: 'a', ...callbacks };
  for (const wrong of [
    { renewDeadlineMs: 4000 },
    { retryMs: 3000 },
    { leaseDurationMs: 4500 },
    { identity: '' },
  ]) {
    assert.throws(() => new LeaderElector(kube, { ...options, ...wrong }), { code: 'kube.bad-election' });
  }
});

test('a leader whose lease somebody overwrote stops, and does not take it back before it has run out', async () => {
  const time = new VirtualTime();
  const clock = new VirtualClock(time);
  const kube = new BadApi(time, () => 0.5).clientOf(clock);
  const said: string[] = [];
  const elector = new LeaderElector(kube, {
    namespace: 'default',
    name: 'lease',
    identity: 'a',
    onStartedLeading: () => void said.push(`started at ${Math.round(time.nowMs / 1000)} s`),
    onStoppedLeading: (reason) => void said.push(`${reason}, at ${Math.round(time.nowMs / 1000)} s`),
  });
  const stop = new AbortController();
  const running = elector.run(stop.signal);
  await time.pass(5000);
  const place = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    namespace: 'default',
    name: 'lease',
  } as const;
  const overwrite = async () => {
    const lease = await kube.get(place, { timeoutMs: 1000 });
    await kube.replace({ ...lease, spec: { ...lease.spec, holderIdentity: 'kubectl' } }, { timeoutMs: 1000 });
  };
  void overwrite();
  await time.pass(8000);
  assert.deepEqual(said, ['started at 0 s', 'the lease is held by "kubectl", at 6 s', 'started at 10 s']);
  stop.abort();
  await time.pass(2000);
  await running;
});

test('what a callback throws ends the elector, after it has stopped leading', async () => {
  const time = new VirtualTime();
  const clock = new VirtualClock(time);
  const api = new BadApi(time, () => 0.5);
  const said: string[] = [];
  const elector = new LeaderElector(api.clientOf(clock), {
    namespace: 'default',
    name: 'lease',
    identity: 'a',
    onStartedLeading: () => {
      throw new RangeError('cannot lead');
    },
    onStoppedLeading: (reason) => void said.push(reason),
  });
  const running = assert.rejects(elector.run(new AbortController().signal), { name: 'RangeError' });
  await time.pass(5000);
  await running;
  assert.deepEqual(said, ['stopped']);
});
