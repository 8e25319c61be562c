import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MachineError } from '../../infra/machines/errors.ts';
import type { MachineInterface, MachinePowerState, MachineState } from '../../infra/machines/protocol.ts';
import { SimClock } from '../testing/simulation/sim-clock.ts';
import { KubeletProber, type KubeletAnswer } from './kubelet-prober.ts';
import { LeaseClock } from './lease-clock.ts';
import { MachinePoller } from './machine-poller.ts';

function kubelets(answer: () => KubeletAnswer, latencyMs = 500) {
  const clock = new SimClock();
  const askedAt: number[] = [];
  const changes: number[] = [];
  const slow: number[] = [];
  const prober = new KubeletProber({
    clock,
    timers: clock,
    random: () => 0,
    onChange: () => changes.push(clock.now().monoMs),
    onSlow: () => slow.push(clock.now().monoMs),
    ask: async () => {
      askedAt.push(clock.now().monoMs);
      const is = answer();
      await clock.sleep(is === 'answered' ? 5 : latencyMs);
      return is;
    },
  });
  return { clock, prober, askedAt, changes, slow };
}

test('a healthy kubelet is asked every five seconds', async () => {
  const { clock, prober, askedAt } = kubelets(() => 'answered');
  prober.watch('a', '10.0.0.1', 10_250, 5000);
  await clock.runUntil(16_000);
  assert.deepEqual(askedAt, [0, 5000, 10_000, 15_000]);
});

test('a faster pace takes effect at once, and three misses 200 ms apart take 900 ms', async () => {
  let answer: KubeletAnswer = 'answered';
  const { clock, prober, askedAt } = kubelets(() => answer);
  prober.watch('a', '10.0.0.1', 10_250, 5000);
  await clock.runUntil(2000);
  answer = 'silent';
  prober.pace('a', 200);
  await clock.runUntil(2899);
  assert.equal(prober.view('a').failuresInRow, 2);
  await clock.runUntil(2900);
  assert.deepEqual(askedAt.slice(1, 4), [2000, 2200, 2400]);
  assert.equal(prober.view('a').failuresInRow, 3);
  assert.equal(prober.view('a').silentForMs, 900);
});

test('one answer ends a row of misses, and a miss begins a new row of answers', async () => {
  let answer: KubeletAnswer = 'silent';
  const { clock, prober } = kubelets(() => answer);
  prober.watch('a', '10.0.0.1', 10_250, 1000);
  await clock.runUntil(2600);
  assert.equal(prober.view('a').failuresInRow, 3);
  answer = 'answered';
  await clock.runUntil(5005);
  assert.deepEqual(prober.view('a'), { failuresInRow: 0, answeredAgoMs: 0, answeringForMs: 2000 });
});

test('a miss that was asked before an answer does not count after it', async () => {
  const answers: KubeletAnswer[] = ['silent', 'answered', 'answered', 'answered'];
  const { clock, prober } = kubelets(() => answers.shift() ?? 'answered');
  prober.watch('a', '10.0.0.1', 10_250, 100);
  await clock.runUntil(700);
  assert.equal(prober.view('a').failuresInRow, 0);
});

test('a miss that our own late timers made does not count', async () => {
  const { clock, prober, changes } = kubelets(() => 'discarded');
  prober.watch('a', '10.0.0.1', 10_250, 500);
  await clock.runUntil(5000);
  assert.equal(prober.view('a').failuresInRow, 0);
  assert.deepEqual(changes, []);
});

test('an answer that takes longer than answers take is told of once, before it counts as missed', async () => {
  let is: KubeletAnswer = 'silent';
  const { clock, prober, slow, changes } = kubelets(() => is);
  prober.watch('a', '10.0.0.1', 10_250, 1000);
  await clock.runUntil(200);
  assert.deepEqual([slow, changes, prober.view('a').waitingForMs], [[200], [], 200]);
  await clock.runUntil(1900);
  assert.deepEqual([slow, prober.view('a').failuresInRow], [[200], 2]);
  is = 'answered';
  await clock.runUntil(2900);
  assert.deepEqual([slow, prober.view('a').waitingForMs], [[200], undefined]);
});

test('a late answer that somebody else heard ends the silence', async () => {
  const { clock, prober } = kubelets(() => 'silent');
  prober.watch('a', '10.0.0.1', 10_250, 500);
  await clock.runUntil(5200);
  assert.ok((prober.view('a').silentForMs ?? 0) > 5000);
  prober.heard('a');
  prober.heard('unknown');
  assert.deepEqual([prober.view('a').failuresInRow, prober.view('a').silentForMs], [0, undefined]);
  await clock.runUntil(6100);
  assert.equal(
    prober.view('a').silentForMs,
    600,
    'a question that was sent before the answer does not count',
  );
});

test('a forgotten kubelet is not asked any more', async () => {
  const { clock, prober, askedAt } = kubelets(() => 'answered');
  prober.watch('a', '10.0.0.1', 10_250, 1000);
  await clock.runUntil(1500);
  prober.forget('a');
  await clock.runUntil(9000);
  assert.equal(askedAt.length, 2);
});

function machines(more: Partial<MachineInterface> = {}) {
  const clock = new SimClock();
  const states = new Map<string, MachinePowerState>([['a', 'on']]);
  const askedAt: number[] = [];
  const changes: string[] = [];
  const problems: (string | undefined)[] = [];
  const real: MachineInterface = {
    states: async () => {
      askedAt.push(clock.now().monoMs);
      const answer = new Map([...states].map(([node, state]) => [node, { node, state, observedAtMs: 0 }]));
      await clock.sleep(20);
      return answer;
    },
    powerOff: () => Promise.reject(new Error('unused')),
    replace: () => Promise.reject(new Error('unused')),
    ...more,
  };
  const poller = new MachinePoller({
    machines: real,
    clock,
    onChange: (node) => changes.push(`${node} ${clock.now().monoMs}`),
    onProblem: (problem) => problems.push(problem),
  });
  const stop = new AbortController();
  const begin = (): void => void poller.run(() => 1000, stop.signal);
  return { clock, states, poller, askedAt, changes, problems, begin, stop };
}

test('machines are asked once a second, in one call, and a change is told', async () => {
  const { clock, states, poller, askedAt, changes, begin } = machines();
  begin();
  await clock.runUntil(1500);
  states.set('a', 'off');
  await clock.runUntil(2500);
  assert.deepEqual(askedAt, [0, 1000, 2000]);
  assert.deepEqual(changes, ['a 20', 'a 2020']);
  assert.deepEqual(poller.view('a'), { state: 'off', ageMs: 500 });
  assert.equal(poller.view('b')?.state, 'absent');
});

test('before the first answer nothing is known', () => {
  assert.equal(machines().poller.view('a'), undefined);
});

test('an answer that was asked for earlier and comes later is not taken over', async () => {
  const answers: ((state: MachineState['state']) => void)[] = [];
  const { clock, poller } = machines({
    states: async () =>
      new Map([
        ['a', { node: 'a', state: await new Promise((resolve) => answers.push(resolve)), observedAtMs: 0 }],
      ]),
  });
  const { signal } = new AbortController();
  const first = poller.ask(signal);
  await clock.runUntil(10);
  const second = poller.ask(signal);
  answers[1]?.('on');
  await second;
  answers[0]?.('off');
  assert.equal((await first).get('a')?.state, 'off');
  assert.equal(poller.view('a')?.state, 'on');
});

test('of two answers that were asked for at the same moment the later one counts', async () => {
  const answers: ((state: MachineState['state']) => void)[] = [];
  const { poller } = machines({
    states: async () =>
      new Map([
        ['a', { node: 'a', state: await new Promise((resolve) => answers.push(resolve)), observedAtMs: 0 }],
      ]),
  });
  const { signal } = new AbortController();
  const asked = [poller.ask(signal), poller.ask(signal)];
  for (const [number, state] of (['on', 'off'] as const).entries()) {
    answers[number]?.(state);
    await asked[number];
  }
  assert.equal(poller.view('a')?.state, 'off');
});

test('what is known of a machine is as old as the question, and what a list leaves out is absent since it was asked for', async () => {
  const { clock, states, poller, changes, begin } = machines();
  begin();
  await clock.runUntil(500);
  assert.deepEqual(poller.view('a'), { state: 'on', ageMs: 500 });
  assert.deepEqual(poller.view('b'), { state: 'absent', ageMs: 500 });
  states.delete('a');
  states.set('b', 'on');
  await clock.runUntil(1500);
  assert.deepEqual(poller.view('a'), { state: 'absent', ageMs: 500 });
  assert.deepEqual(changes, ['a 20', 'a 1020', 'b 1020']);
});

test('an interface that fails is told each time and asked again at its pace; that it answers again is told, too', async () => {
  const askedAt: number[] = [];
  let broken = true;
  const { clock, problems, begin } = machines({
    states: () => {
      askedAt.push(clock.now().monoMs);
      return broken
        ? Promise.reject(new MachineError('machines.failed', 'no', { status: 500 }))
        : Promise.resolve(new Map());
    },
  });
  begin();
  await clock.runUntil(1500);
  broken = false;
  await clock.runUntil(2500);
  assert.deepEqual(askedAt, [0, 1000, 2000]);
  assert.deepEqual(problems, ['no', 'no', undefined]);
});

test('an interface that asks for less than the pace is asked at the pace, and one that is slower than it without end', async () => {
  const askedAt: number[] = [];
  const quick = machines({
    states: () => {
      askedAt.push(quick.clock.now().monoMs);
      return Promise.reject(
        new MachineError('machines.throttled', 'later', { status: 429, retryAfterMs: 10 }),
      );
    },
  });
  quick.begin();
  await quick.clock.runUntil(1500);
  assert.deepEqual(askedAt, [0, 1000]);
  const slowAt: number[] = [];
  const slow = machines({
    states: async () => {
      slowAt.push(slow.clock.now().monoMs);
      await slow.clock.sleep(1500);
      return new Map();
    },
  });
  slow.begin();
  await slow.clock.runUntil(3100);
  assert.deepEqual(slowAt, [0, 1510, 3020]);
});

test('who stops asks nothing more, waits for nothing, and calls what it broke off no problem', async () => {
  for (const stopsAtMs of [500, 10, 20]) {
    const { clock, askedAt, problems, poller, stop } = machines({
      ...(stopsAtMs === 10 && {
        states: async (signal) => {
          await clock.sleep(100, signal);
          return new Map();
        },
      }),
    });
    const running = poller.run(() => 1000, stop.signal);
    await clock.runUntil(stopsAtMs);
    stop.abort();
    await running;
    await clock.runUntil(5000);
    assert.deepEqual([askedAt.length <= 1, problems], [true, stopsAtMs === 10 ? [] : [undefined]]);
  }
});

test('a throttled interface sets the pace', async () => {
  const clock: number[] = [];
  const throttled = machines({
    states: () => {
      clock.push(throttled.clock.now().monoMs);
      return Promise.reject(
        new MachineError('machines.throttled', 'later', { status: 429, retryAfterMs: 4000 }),
      );
    },
  });
  throttled.begin();
  await throttled.clock.runUntil(9000);
  assert.deepEqual(clock, [0, 4000, 8000]);
  assert.deepEqual(throttled.problems, ['later', 'later', 'later']);
});

test('a new leader asks at once, even while a question is under way', async () => {
  const { clock, poller, askedAt, begin } = machines();
  begin();
  await clock.runUntil(10);
  poller.soon();
  await clock.runUntil(25);
  assert.deepEqual(askedAt, [0, 20]);
  await clock.runUntil(300);
  poller.soon();
  await clock.runUntil(301);
  assert.deepEqual(askedAt, [0, 20, 300]);
});

test("a lease's age is counted from when we saw it change, whatever its own times say", async () => {
  const clock = new SimClock();
  const leases = new LeaseClock(clock);
  const renewed = (renewTime: string) => leases.see('a', { renewTime, leaseDurationSeconds: 40 });
  assert.equal(renewed('1970-01-01T00:00:00.000000Z'), true);
  assert.equal(leases.wasRenewed('a'), false);
  await clock.runUntil(4000);
  assert.equal(renewed('1970-01-01T00:00:00.000000Z'), false);
  assert.equal(leases.ageMs('a'), 4000);
  assert.equal(renewed('2099-01-01T00:00:00.000000Z'), true);
  assert.equal(leases.ageMs('a'), 0);
  assert.equal(leases.wasRenewed('a'), true);
  assert.equal(leases.ageMs('b'), undefined);
});

test('a lease that lacks its time or its duration is none, also where it was sound before', () => {
  const odd = [undefined, {}, { renewTime: 'now' }, { leaseDurationSeconds: 40 }].flatMap((spec) => [
    spec,
    { ...spec, leaseDurationSeconds: 0 },
    { renewTime: 'now', ...spec, leaseDurationSeconds: -1 },
  ]);
  for (const spec of odd.filter(
    (each) => each?.renewTime === undefined || each.leaseDurationSeconds !== 40,
  )) {
    const leases = new LeaseClock(new SimClock());
    leases.see('a', { renewTime: 'before', leaseDurationSeconds: 100 });
    assert.equal(leases.durationMs('a'), 100_000);
    assert.equal(leases.see('a', spec), false);
    assert.deepEqual(
      [leases.ageMs('a'), leases.durationMs('a')],
      [undefined, undefined],
      JSON.stringify(spec),
    );
  }
});
