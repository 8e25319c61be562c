import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StopCondition } from '../core/owner/policy.ts';
import { readStopConditions } from './stop-conditions.ts';
import { answering } from './testing/answering.ts';

const { signal } = new AbortController();
const alert = { kind: 'alert', name: 'a' } as const;
const rule = (state: string, more: object = {}) => ({
  ...{ type: 'alerting', name: 'a', state, health: 'ok', alerts: [] },
  ...more,
});

async function reading(condition: StopCondition, data: unknown) {
  const connect = answering(() => ({ status: 'success', data }));
  const [one] = await readStopConditions(connect, [condition], 1_000, signal);
  return [one?.state, one?.detail];
}

test('an alert holds where one of its rules fires; without a rule that can be evaluated it cannot be read', async () => {
  const of = (...rules: readonly object[]) => reading(alert, { groups: [{ rules }] });
  assert.deepEqual(await of(rule('inactive'), rule('firing')), ['true', 'the alert fires']);
  assert.deepEqual(await of(rule('pending')), ['clear', 'the alert is pending']);
  assert.deepEqual(await of(), ['unreadable', 'this Prometheus has no alerting rule of that name']);
  const broken = rule('firing', { health: 'err', lastError: 'bad join' });
  assert.deepEqual(await of(rule('inactive'), broken), [
    'unreadable',
    'its rule cannot be evaluated: bad join',
  ]);
  assert.deepEqual(await of(rule('inactive', { health: 'err' })), [
    'unreadable',
    'its rule cannot be evaluated: ',
  ]);
});

test('a query is read by its values, a freeze by the clock alone, and what nobody answers is told as such', async () => {
  const query = { kind: 'query', name: 'q', query: 'x', above: 14 } as const;
  const vector = { resultType: 'vector', result: [{ value: [1, '20'] }] };
  assert.deepEqual(await reading(query, vector), ['true', '20 is above 14']);
  const gone = () => Promise.reject(new Error('refused'));
  const window = { kind: 'span', name: 'sale', fromWallMs: 0, toWallMs: 2_000 } as const;
  const freeze = { kind: 'freeze', name: 'f', window } as const;
  const readings = await readStopConditions(gone, [query, freeze], 1_000, signal);
  assert.equal(readings[0]?.state, 'unreadable');
  assert.match(readings[0].detail, /gave no answer: refused/);
  assert.equal(readings[1]?.state, 'true');
  const aborted = AbortSignal.abort(new Error('the trial ended'));
  await assert.rejects(readStopConditions(gone, [query], 1_000, aborted), /^Error: the trial ended/);
});
