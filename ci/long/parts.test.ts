import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeOf, parts, unitsOf } from './parts.ts';
import { SLICE_MS } from './slice.ts';

test('a test file passes when all its tests have; one that skipped any has shown nothing', () => {
  assert.equal(outcomeOf({ passed: 3, failed: 0, skipped: 0 }).result, 'passed');
  assert.equal(outcomeOf({ passed: 3, failed: 0, skipped: 1 }).result, 'skipped');
  assert.equal(outcomeOf({ passed: 0, failed: 0, skipped: 0 }).result, 'skipped');
  assert.equal(outcomeOf({ passed: 3, failed: 1, skipped: 1 }).result, 'failed');
});

test('every part has units, each name once, and none that no slice could hold', async () => {
  for (const part of parts) {
    const units = await unitsOf(part);
    assert.ok(units.length > 0, part.name);
    assert.equal(new Set(units.map(({ unit }) => unit)).size, units.length, part.name);
    assert.ok(units.every(({ guessMs }) => guessMs <= SLICE_MS));
  }
});

test("the scenarios are the project's own, whichever the user else runs", async () => {
  const controls = parts.find(({ name }) => name === 'controls')!;
  process.env['FIREDRILL_SCENARIOS'] = 'elsewhere';
  try {
    assert.ok((await unitsOf(controls)).length > 0);
  } finally {
    delete process.env['FIREDRILL_SCENARIOS'];
  }
});

test("kind runs both contracts and the provider's own tests", async () => {
  const names = (await unitsOf(parts.find(({ name }) => name === 'kind')!)).map(({ unit }) => unit);
  const wanted = [/kind\.contract\.test/, /contract-on-kind/, /kind\/.*real\.test/, /node-loss on kind/];
  for (const expected of wanted)
    assert.ok(
      names.some((name) => expected.test(name)),
      `${expected.source}: ${names.join(', ')}`,
    );
});
