import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bench, figuresOf, inWords, type Measured } from './bench.ts';

const { signal } = new AbortController();

function bench(...measured: readonly Measured[]): Bench {
  return {
    what: 'two of one run',
    figures: { time: { unit: 'ms', target: '<= 5 ms' }, memory: { unit: 'MB' } },
    runs: 2,
    async *measure() {
      for (const figures of measured) yield await Promise.resolve(figures);
    },
  };
}

test('each run is told with the units of its figures, and no more are asked for than are wanted', async () => {
  const said: string[] = [];
  const log = (line: string): unknown => said.push(line);
  const runs = [{ time: 3, memory: 200 }, { time: 2.5, memory: 210 }, { time: 9 }];
  const figures = await figuresOf(bench(...runs), 2, signal, log);
  assert.deepEqual(Object.fromEntries(figures), { time: [3, 2.5], memory: [200, 210] });
  assert.deepEqual(said, ['run 1: time 3.00 ms, memory 200.00 MB', 'run 2: time 2.50 ms, memory 210.00 MB']);
  await assert.rejects(figuresOf(bench(), 2, signal, log), /nothing was measured of time, memory/);
});

test('what is below nothing is lost in how much runs differ, and is told so and not as a number; so is what never came', async () => {
  const said: string[] = [];
  const runs = [{ time: -3.2 }, { time: Infinity }];
  await figuresOf(bench(...runs), 2, signal, (line) => said.push(line));
  assert.deepEqual(said, ['run 1: time too small to be measured', 'run 2: time never']);
  assert.equal(
    inWords([4, -3, -1]),
    'median too small to be measured, too small to be measured to 4.00, n = 3',
  );
  assert.equal(inWords([0, 2, Infinity]), 'median 2.00, 0.00 to never, n = 3');
});
