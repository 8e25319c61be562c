import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EntryBody } from '../core/journal/journal.ts';
import { systemClock } from '../core/clock.ts';
import { pressureBetween, readPressure, readStat, watchHost, type HostLook } from './host-watch.ts';

test("the kernel's figures are read as it writes them", () => {
  const stat =
    'cpu  100 5 20 300 10 0 5 60 7 0\ncpu0 1 1 1 1 1 1 1 1 1 1\nprocs_running 6\nprocs_blocked 1\n';
  assert.deepEqual(readStat(stat, 2), { runnablePerCore: 3, ticks: 500, stolenTicks: 60 });
  const pressure =
    'some avg10=0.10 avg60=0.00 avg300=0.00 total=2500000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=1000\n';
  assert.equal(readPressure('cpu', pressure), 2_500);
  assert.equal(readPressure('memory', pressure), 1);
});

test('a second is told as means and shares of it, and what the kernel does not say is absent', () => {
  const look = (ticks: number, stolenTicks: number, cpu: number): HostLook => ({
    ...{ runnablePerCore: 1, ticks, stolenTicks },
    stalledMs: { cpu },
  });
  assert.deepEqual(pressureBetween(look(1_000, 10, 500), look(1_200, 60, 1_000), [1, 2, 6], 1_000), {
    overMs: 1_000,
    runnablePerCore: 3,
    stolenShare: 0.25,
    stalledShares: { cpu: 0.5 },
  });
});

test('it is told once a second, also where looks are late, and not at all where there is no /proc', (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  let monoMs = 0;
  const clock = { ...systemClock, now: () => ({ monoMs, wallMs: 0 }) };
  const told: EntryBody[] = [];
  const look = (): HostLook => ({ runnablePerCore: 2, ticks: monoMs, stolenTicks: 0, stalledMs: {} });
  const stops = [watchHost((body) => told.push(body), clock, look)];
  stops.push(
    watchHost(
      (body) => told.push(body),
      clock,
      () => undefined,
    ),
  );
  for (; monoMs < 3_050; monoMs += 130) context.mock.timers.tick(100);
  for (const stop of stops) stop();
  assert.equal(told.length, 2);
  assert.deepEqual(
    told.map((body) => body.kind === 'host.pressure' && body.overMs),
    [1_040, 1_040],
  );
});

test('this machine tells', async () => {
  const told = Promise.withResolvers<EntryBody>();
  const stop = watchHost(told.resolve, systemClock);
  // What watches does not keep the process alive.
  const stay = setTimeout(() => {}, 10_000);
  const body = await told.promise;
  clearTimeout(stay);
  stop();
  assert.ok(body.kind === 'host.pressure' && body.runnablePerCore > 0, JSON.stringify(body));
});
