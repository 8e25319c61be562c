import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeOf, parts } from './parts.ts';
import { SLICE_MS } from './plan.ts';

test('a test file passes when all its tests have; one that skipped any has shown nothing', () => {
  assert.equal(outcomeOf({ passed: 3, failed: 0, skipped: 0 }).result, 'passed');
  assert.equal(outcomeOf({ passed: 3, failed: 0, skipped: 1 }).result, 'skipped');
  assert.equal(outcomeOf({ passed: 0, failed: 0, skipped: 0 }).result, 'skipped');
  assert.equal(outcomeOf({ passed: 3, failed: 1, skipped: 1 }).result, 'failed');
});

test('every part has units, each name once, and none that no slice could hold', async () => {
  const { signal } = new AbortController();
  for (const part of parts) {
    const names = (await part.units(signal)).map(({ name }) => name);
    assert.ok(names.length > 0, part.name);
    assert.equal(new Set(names).size, names.length, part.name);
    assert.ok(part.unitMinutes * 60_000 <= SLICE_MS, part.name);
  }
});

test("kind runs both contracts and the provider's own tests", async () => {
  const kind = parts.find(({ name }) => name === 'kind')!;
  const names = (await kind.units(new AbortController().signal)).map(({ name }) => name);
  for (const expected of [
    /kind\.contract\.test/,
    /contract-on-kind/,
    /kind\/.*real\.test/,
    /node-loss on kind/,
  ])
    assert.ok(
      names.some((name) => expected.test(name)),
      `${expected.source}: ${names.join(', ')}`,
    );
});
