import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '../../harness/core/journal/journal.ts';
import { describeHost } from './host.ts';

type Pressure = Extract<Entry, { kind: 'host.pressure' }>;

const second = (facts: Partial<Pressure>): Entry => ({
  ...{ kind: 'host.pressure', overMs: 1_000, runnablePerCore: 1, stolenShare: 0.02 },
  ...{ stalledShares: {}, seq: 0, monoMs: 0, wallMs: 0 },
  ...facts,
});
const late = (lateMs: number): Entry =>
  ({ kind: 'probe.sample', target: 'shop', lateMs, seq: 0, monoMs: 0, wallMs: 0 }) as Entry;

test('how starved the machine was is told as means over time and the worst second, with whose time it was', () => {
  const told = [
    second({ stalledShares: { cpu: 0.2 }, othersShare: 0.2, noneIdleShare: 0 }),
    second({
      ...{
        overMs: 3_000,
        runnablePerCore: 5,
        stalledShares: { cpu: 0.8 },
        othersShare: 0.6,
        noneIdleShare: 0.5,
      },
      throttledShares: { 'node-2': 0.25 },
    }),
  ];
  assert.deepEqual(describeHost([...told, late(0), late(40)]), [
    'others had 50 % of the processors, 23 % while none was idle (30 % in the worst second)',
    '4.0 threads wanted each processor (5.0 in the worst second)',
    'some thread waited for a processor 65 % of the time',
    'other virtual machines had 2 % of the processors',
    'node-2 was throttled 25 % of the time',
    "one in twenty of the probe's requests was sent 38 ms late or later",
  ]);
});

test('what is not known of the machine is left out, and whose its time was is told as unknown, with the reason', () => {
  const old = describeHost([second({})]);
  assert.equal(old[0], 'what others had of the processors is not known');
  assert.doesNotMatch(old.join(), /waited|throttled|probe/);
  const [why] = describeHost([second({ othersUnknown: 'the engine is elsewhere' })]);
  assert.equal(why, 'what others had of the processors is not known: the engine is elsewhere');
  assert.deepEqual(describeHost([]), []);
});
