import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry, HealerEvent } from '../../harness/core/journal/journal.ts';
import { healingInWords, healingSteps } from './healing.ts';

function audit(
  ...told: (readonly [
    atMs: number,
    event: HealerEvent['event'],
    detail: string,
    more?: Partial<HealerEvent>,
  ])[]
): Entry[] {
  return told.map(([atMs, event, detail, more], seq) => ({
    seq,
    monoMs: atMs,
    wallMs: atMs,
    kind: 'healer',
    event,
    detail,
    subject: 'node/node-1',
    healerMonoMs: atMs,
    healerWallMs: atMs,
    pod: 'healer-0',
    ...more,
  }));
}

test('an act is told by its result, without its name, its phase and what it touched', () => {
  const deleted = { action: 'DeletePods', result: '2 pods deleted', objects: ['shop/web-1', 'shop/web-2'] };
  const steps = healingSteps(
    audit(
      [1, 'acted', 'Cordon: cordoned, phase fencing', { result: 'cordoned', phase: 'fencing' }],
      [2, 'acted', 'DeletePods: 2 pods deleted: shop/web-1, shop/web-2', deleted],
      [3, 'acted', 'Advance: phase fencing', { action: 'Advance', result: '', phase: 'fencing' }],
      [4, 'decided', 'would do: PowerOff: proof: off', { result: 'proof: off', wouldDo: true }],
    ),
  );
  assert.deepEqual(
    steps.map(({ words }) => words),
    ['cordoned', '2 pods deleted', 'phase fencing', 'would do: proof: off'],
  );
});

test('whatever is no act keeps its own words, as does an act of a journal without fields', () => {
  const told: Parameters<typeof audit> = [
    [1, 'detected', 'machine is off, kubelet silent'],
    [2, 'acted', 'Cordon: cordoned, phase fencing'],
    [3, 'refused', 'fence failed: denied', { action: 'fence', result: 'error' }],
  ];
  assert.deepEqual(
    healingSteps(audit(...told)).map(({ words }) => words),
    told.map(([, , detail]) => detail),
  );
});

test('a decision and the act that follows it at once are one step', () => {
  const steps = healingSteps(
    audit([0, 'detected', 'off'], [1, 'decided', 'fence: off'], [20, 'acted', 'proof: off']),
  );
  assert.deepEqual(
    steps.map(({ event, words, because }) => [event.event, words, because]),
    [
      ['detected', 'off', undefined],
      ['acted', 'proof: off', 'fence: off'],
    ],
  );
});

test('a decision without its act, with a late one, or with that of another node stays a step', () => {
  for (const next of [
    [900, 'acted', 'late'],
    [20, 'acted', 'other', { subject: 'node/node-2' }],
    [20, 'refused', 'guard'],
  ] as const) {
    assert.equal(healingSteps(audit([1, 'decided', 'fence'], next)).length, 2, next[2]);
  }
});

test('what was done is told once, in order', () => {
  const entries = audit(
    [1, 'acted', 'Cordon: cordoned', { result: 'cordoned' }],
    [2, 'acted', 'DeletePods: 1 pod deleted: a/b', { result: '1 pod deleted', objects: ['a/b'] }],
    [3, 'acted', 'Cordon: cordoned', { result: 'cordoned' }],
  );
  assert.equal(healingInWords(entries, 'acted'), 'cordoned, 1 pod deleted');
});

test('a decision and its act are one step up to half a second apart, by the clock of the healer whose order counts', () => {
  const stepsOf = (...told: Parameters<typeof audit>) =>
    healingSteps(audit(...told)).map(({ words, because }) => [words, because]);
  assert.deepEqual(stepsOf([1_500, 'acted', 'off'], [1_000, 'decided', 'fence']), [['off', 'fence']]);
  assert.deepEqual(stepsOf([1_000, 'decided', 'fence'], [1_501, 'acted', 'off']), [
    ['fence', undefined],
    ['off', undefined],
  ]);
  assert.deepEqual(
    stepsOf([1_000, 'decided', 'fence'], [1_010, 'acted', 'off'], [1_020, 'acted', 'cordoned']),
    [
      ['off', 'fence'],
      ['cordoned', undefined],
    ],
  );
  assert.deepEqual(
    stepsOf([1_000, 'decided', 'fence'], [1_010, 'detected', 'silent'], [1_020, 'acted', 'off']).length,
    3,
  );
});

test('what would be done is told as such, also of an act, and an act without a result by its phase where it has one', () => {
  const words = (more: Partial<HealerEvent>) => healingSteps(audit([1, 'acted', 'told', more]))[0]?.words;
  assert.equal(words({ result: 'off', wouldDo: true }), 'would do: off');
  assert.equal(words({ result: 'off', wouldDo: false }), 'off');
  assert.equal(words({ result: '', phase: 'fencing' }), 'phase fencing');
  assert.equal(words({ result: '', phase: 'fencing', wouldDo: true }), 'would do: phase fencing');
  assert.equal(words({ result: 'off', phase: 'fencing' }), 'off');
  assert.equal(words({ result: '' }), '');
  assert.equal(words({ phase: 'fencing' }), 'told');
});
