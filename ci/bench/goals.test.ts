import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Verdict } from '../../harness/core/verdict.ts';
import { valuesByName } from './bench.ts';
import { goals, recoveriesIn } from './goals.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** What a verdict file says that matters here; one run of all goals has a verdict for each of their trials. */
function verdict(title: string, facts: Partial<Verdict>): Verdict {
  const unknown = { kind: 'unknown', reason: 'not asked' } as const;
  return {
    ...{ title: `goals › ${title}`, outcome: 'held', recovery: unknown, capacity: unknown },
    ...facts,
  } as Verdict;
}
const seconds = (value: number): Verdict['recovery'] => ({
  kind: 'measured',
  ms: value * 1000,
  lowMs: value * 1000,
  highMs: value * 1000,
});
const POWER = 'power lost: users within 5 s, capacity within 8 s';
const LEADER = "power lost, and the healer's leader with it: users within 12 s";

test('each goal takes its figure from its own trials, though all goals are in one run; an inconclusive trial has none, and a recovery that never came has no end', () => {
  const figures = valuesByName(
    recoveriesIn([
      verdict(POWER, { recovery: seconds(2.7), capacity: seconds(5.1) }),
      verdict(LEADER, { recovery: seconds(5.2) }),
      verdict(LEADER, { recovery: { kind: 'censored', atLeastMs: 60_000 }, outcome: 'violated' }),
      verdict(LEADER, { recovery: seconds(1), outcome: 'inconclusive' }),
      verdict('a machine that hangs: users within 20 s, fenced first', { recovery: { kind: 'no-impact' } }),
    ]),
  );
  assert.deepEqual(Object.fromEntries(figures), {
    ...{ 'power-off-users': [2.7], 'power-off-capacity': [5.1] },
    ...{ 'leader-users': [5.2, Number.POSITIVE_INFINITY], 'freeze-users': [0] },
  });
});

test('each title stands once in the scenario, so that as many trials run as are asked for', () => {
  const [file, ...others] = globSync('scenarios/**/goals.spec.ts', { cwd: ROOT });
  assert.ok(file !== undefined && others.length === 0);
  const text = readFileSync(join(ROOT, file), 'utf8');
  for (const [name, , title] of goals) assert.equal(text.split(title).length, 2, `${name}: ${title}`);
});
