import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Footprint } from '../../infra/cluster.ts';
import type { EntryBody } from '../core/journal/journal.ts';
import { systemClock } from '../core/clock.ts';
import { pressureBetween, readPressure, readStat, watchHost, type HostLook } from './host-watch.ts';

type Pressure = Extract<EntryBody, { kind: 'host.pressure' }>;

test("the kernel's figures are read as it writes them", () => {
  const stat =
    'cpu  100 5 20 300 10 0 5 60 7 0\ncpu0 1 1 1 1 1 1 1 1 1 1\ncpu1 1 1 1 1 1 1 1 1 1 1\nprocs_running 6\nprocs_blocked 1\n';
  assert.deepEqual(readStat(stat), {
    ...{ runnablePerCore: 3, cores: 2, ticks: 500, idleTicks: 310, stolenTicks: 60 },
  });
  const pressure =
    'some avg10=0.10 avg60=0.00 avg300=0.00 total=2500000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=1000\n';
  assert.equal(readPressure('cpu', pressure), 2_500);
  assert.equal(readPressure('memory', pressure), 1);
});

/** A look at two processors: ticks that were idle and stolen since boot, and milliseconds that one node of ours has had. */
function look(
  ticks: number,
  idleTicks: number,
  stolenTicks: number,
  own: number | string,
  throttledMs?: number,
): HostLook {
  const node = { usedMs: Number(own), ...(throttledMs === undefined ? {} : { throttledMs }) };
  return {
    processors: { runnablePerCore: ticks / 100, cores: 2, ticks, idleTicks, stolenTicks },
    stalledMs: { cpu: ticks },
    own: typeof own === 'string' ? own : { nodes: { 'node-1': node }, processes: {} },
  };
}

/** What is told of looks in their order, of which the rest is read at the first and the last. */
function told(...looks: readonly [HostLook, ...HostLook[]]): Omit<Pressure, 'kind'> {
  const slices = looks.map(({ processors }) => processors);
  return pressureBetween(looks[0], looks.at(-1) ?? looks[0], slices, 1_000);
}

test('a second is told as means and shares of it, and what is not known is absent', () => {
  assert.deepEqual(told(look(0, 0, 0, 100, 50), look(100, 50, 0, 0), look(200, 50, 40, 700, 300)), {
    ...{ overMs: 1_000, runnablePerCore: 1.5, stolenShare: 0.2, idleShare: 0.25 },
    // A processor was idle for all of the first half, and none in the second.
    noneIdleShare: 0.5,
    // 2000 ms of two processors, less 500 ms that were idle and 600 ms that were ours.
    othersShare: 0.45,
    throttledShares: { 'node-1': 0.25 },
    stalledShares: { cpu: 0.2 },
  });
});

test('whose the time was is told as unknown, with the reason, where either look does not know it', () => {
  const known = look(0, 0, 0, 100);
  for (const [first, last] of [
    [look(0, 0, 0, 'the engine is elsewhere'), look(200, 0, 0, 200)],
    [known, look(200, 0, 0, 'the engine is elsewhere')],
  ] as const)
    assert.equal(told(first, last).othersUnknown, 'the engine is elsewhere');
  const restarted = told(known, look(200, 0, 0, 20));
  assert.match(restarted.othersUnknown ?? '', /^a node came or went/);
  assert.equal(restarted.othersShare, undefined);
});

test('it is told once a second, also where looks are late, and not at all where there is no /proc', (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  let monoMs = 0;
  const clock = { ...systemClock, now: () => ({ monoMs, wallMs: 0 }) };
  const bodies: EntryBody[] = [];
  let stalls = 0;
  const sight = {
    processors: () => look(monoMs, 0, 0, 0).processors,
    stalls: () => (stalls++, {}),
  };
  const cluster = { footprint: () => Promise.resolve(undefined) };
  const append = (body: EntryBody): void => void bodies.push(body);
  const stops = [
    watchHost(append, clock, cluster, [], sight),
    watchHost(append, clock, cluster, [], { ...sight, processors: () => undefined }),
  ];
  for (; monoMs < 3_050; monoMs += 130) context.mock.timers.tick(100);
  for (const stop of stops) stop();
  assert.deepEqual(
    bodies.map((body) => body.kind === 'host.pressure' && body.overMs),
    [1_040, 1_040],
  );
  // At the beginning, and with each second that is told: the processors alone are looked at more often.
  assert.equal(stalls, 3);
});

/** The second entries of a watch on this machine of a cluster with this footprint. */
async function secondTold(footprint: () => Promise<Footprint | undefined>): Promise<Pressure> {
  const bodies: Pressure[] = [];
  const second = Promise.withResolvers<Pressure>();
  const append = (body: EntryBody): void => {
    if (body.kind === 'host.pressure' && bodies.push(body) === 2) second.resolve(body);
  };
  const stop = watchHost(append, systemClock, { footprint }, [process.pid]);
  // What watches does not keep the process alive.
  const stay = setTimeout(() => {}, 10_000);
  const body = await second.promise;
  clearTimeout(stay);
  stop();
  return body;
}

test('this machine tells, and why it cannot tell what is ours where the cluster does not answer', async () => {
  const [known, silent] = await Promise.all([
    secondTold(() => Promise.resolve({ nodeGroups: {}, processes: [] })),
    secondTold(() => Promise.reject(new Error('nobody answers'))),
  ]);
  assert.ok(known.runnablePerCore > 0 && (known.othersShare ?? -1) >= 0, JSON.stringify(known));
  assert.equal(silent.othersUnknown, 'nobody answers');
});
