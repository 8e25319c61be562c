import assert from 'node:assert/strict';
import { test } from 'node:test';
import { insideMaintenance } from './maintenance.ts';

const at = (text: string): number => Date.parse(text);

test('an absolute maintenance window holds from its first to before its last moment', () => {
  const windows = [{ fromIso: '2026-11-22T10:00:00Z', toIso: '2026-11-22T11:00:00Z' }];
  assert.equal(insideMaintenance(windows, at('2026-11-22T09:59:59Z')), undefined);
  assert.match(insideMaintenance(windows, at('2026-11-22T10:00:00Z')) ?? '', /maintenance until/);
  assert.equal(insideMaintenance(windows, at('2026-11-22T11:00:00Z')), undefined);
});

test('a weekly maintenance window may cross midnight', () => {
  // 2026-11-22 is a Sunday: from Sunday 23:00 to Monday 01:00.
  const windows = [{ weekdays: [0], fromMinute: 23 * 60, toMinute: 60 }];
  for (const [time, inside] of [
    ['2026-11-22T22:59:00Z', false],
    ['2026-11-22T23:00:00Z', true],
    ['2026-11-23T00:59:00Z', true],
    ['2026-11-23T01:00:00Z', false],
    ['2026-11-23T23:30:00Z', false],
  ] as const) {
    assert.equal(insideMaintenance(windows, at(time)) !== undefined, inside, time);
  }
});
