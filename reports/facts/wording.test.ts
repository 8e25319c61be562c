import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleTrial } from '../testing/sample-journal.ts';
import type { Fault } from '../../harness/core/faults/fault.ts';
import {
  chosenSeconds,
  count,
  describeDuration,
  describeFault,
  figureOf,
  findMark,
  titleOf,
  offsetBracket,
  offsetDuration,
  offsetSeconds,
  percent,
  seconds,
} from './wording.ts';

test('lengths of time have the digits that a reader can use', () => {
  const lengths = [2, 9.4, 9.5, 20, 94, 95, 100, 3910, 54_210, 99_900, 100_000, 354_600];
  assert.deepEqual(lengths.map(seconds), [
    ...['0.002 s', '0.009 s', '0.01 s', '0.02 s', '0.09 s', '0.1 s', '0.1 s'],
    ...['3.9 s', '54.2 s', '99.9 s', '100 s', '355 s'],
  ]);
  assert.deepEqual([-3910, -0.0001].map(seconds), ['-3.9 s', '0.000 s']);
  assert.deepEqual([20, 0, -21].map(offsetSeconds), ['+0.02 s', '+0.0 s', '\u22120.02 s']);
  assert.deepEqual([10_000, 2_500, 1].map(chosenSeconds), ['10 s', '2.5 s', '0.001 s']);
});

test('an instant has its sign and the bracket that holds the true one', () => {
  assert.equal(offsetBracket({ beforeMs: 90, afterMs: 440 }, 2_530), '+2.53 s (2.44 to 2.97)');
  assert.equal(offsetBracket({ beforeMs: 90, afterMs: 40 }, -100), '\u22120.10 s (\u22120.19 to \u22120.06)');
  const measured = { kind: 'measured', ms: 2_530, lowMs: 2_440, highMs: 2_970 } as const;
  assert.equal(offsetDuration(measured), '+2.53 s (2.44 to 2.97)');
  assert.equal(describeDuration(measured), '2.53 s (2.44 to 2.97)');
});

test('what was not measured is said in words', () => {
  assert.equal(describeDuration({ kind: 'no-impact' }), 'no user impact');
  assert.equal(describeDuration({ kind: 'censored', atLeastMs: 60_000 }), 'not within 60.0 s');
  assert.equal(describeDuration({ kind: 'unknown', reason: 'nobody looked' }), 'unknown: nobody looked');
});

test('of a figure the reason is left out, of a trial its name is given, and of marks the one that is asked for', () => {
  assert.equal(figureOf({ kind: 'unknown', reason: 'nobody looked' }), 'unknown');
  assert.equal(figureOf({ kind: 'no-impact' }), 'no user impact');
  const { verdict } = sampleTrial({ shape: 'violated', scenario: 's', title: 't' });
  assert.equal(titleOf({ verdict }), 's › t (control)');
  assert.equal(titleOf({ verdict: { ...verdict, control: false } }), 's › t');
  const [first, second] = verdict.marks;
  assert.ok(first && second);
  assert.equal(findMark(verdict.marks, second.name), second);
  assert.equal(findMark([first], second.name), undefined);
});

test('a fault that has bitten is told by what became of its targets, another by its name', () => {
  const of = (kind: string, names: readonly string[], hasBitten = true): string => {
    const fault: Fault = { kind, target: { kind: 'node', mode: 'one' } };
    const targets = names.map((name) => ({ kind: 'node' as const, name, uid: name }));
    return describeFault({ fault, resolved: { targets }, ...(hasBitten ? { effective: {} } : {}) });
  };
  assert.equal(of('node.power-off', ['a']), 'a powered off');
  assert.equal(of('node.power-off', ['a'], false), 'node.power-off on a');
  assert.equal(of('node.power-off', ['a', 'b', 'c']), 'a, b, c powered off');
  assert.equal(of('node.power-off', ['a', 'b', 'c', 'd']), 'a, b and 2 more powered off');
  assert.equal(of('node.power-off', []), 'node powered off');
  assert.equal(of('node.power-off', [], false), 'node.power-off');
  assert.equal(of('own.fault', ['a']), 'own.fault on a');
});

test('of one thing there is one', () => {
  assert.deepEqual(
    [0, 1, 2].map((number) => count(number, 'pod')),
    ['0 pods', '1 pod', '2 pods'],
  );
  assert.equal(count(2, 'entry', 'entries'), '2 entries');
});

test('a share is never rounded to all or nothing', () => {
  const shares = [
    0, 1, 0.99999, 0.9995, 0.0000001, 0.00001, 0.0002, 0.01, 0.053, 0.1, 0.1234, 0.9994, 0.0099,
  ];
  assert.deepEqual(shares.map(percent), [
    ...['0 %', '100 %', '> 99.9 %', '> 99.9 %', '< 0.001 %', '0.001 %', '0.02 %'],
    ...['1.0 %', '5.3 %', '10.0 %', '12.3 %', '99.9 %', '1 %'],
  ]);
});
