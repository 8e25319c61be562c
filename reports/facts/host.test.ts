import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '../../harness/core/journal/journal.ts';
import { describeHost } from './host.ts';

const second = (runnablePerCore: number, cpu?: number): Entry => ({
  ...{ kind: 'host.pressure', overMs: 1_000, runnablePerCore, stolenShare: 0.02 },
  ...{ stalledShares: cpu === undefined ? {} : { cpu }, seq: 0, monoMs: 0, wallMs: 0 },
});

test('how starved the machine was is told as means and the worst second, and what the kernel did not say is left out', () => {
  assert.equal(
    describeHost([second(1, 0.2), second(4, 0.8)]),
    '2.5 threads wanted each processor (4.0 in the worst second); some thread waited for one 50 % of the time; other virtual machines had 2 % of them',
  );
  assert.doesNotMatch(describeHost([second(1)]) ?? '', /waited/);
  assert.equal(describeHost([]), undefined);
});
