import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry, HealerEvent } from '../../harness/core/journal/journal.ts';
import { actsInWords, healingSteps, plainWords } from './healing.ts';

function audit(
  ...told: (readonly [atMs: number, event: HealerEvent['event'], detail: string, subject?: string])[]
): Entry[] {
  return told.map(([atMs, event, detail, subject], seq) => ({
    seq,
    monoMs: atMs,
    wallMs: atMs,
    kind: 'healer',
    event,
    detail,
    subject: subject ?? 'node/node-1',
    healerMonoMs: atMs,
    healerWallMs: atMs,
    pod: 'healer-0',
  }));
}

test('the words of a step leave out its internal name, its phase, and what it touched', () => {
  assert.deepEqual(
    [
      'Cordon: cordoned, phase fencing',
      'PowerOff: proof: off',
      'DeletePods: 2 pods deleted: shop/web-1, shop/web-2',
      'machine is off, kubelet silent',
      'phase done',
      '',
    ].map(plainWords),
    ['cordoned', 'proof: off', '2 pods deleted', 'machine is off, kubelet silent', 'phase done', ''],
  );
});

test('a decision and the act that follows it at once are one step', () => {
  const steps = healingSteps(
    audit([0, 'detected', 'off'], [1, 'decided', 'fence: off'], [20, 'acted', 'PowerOff: proof: off']),
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
    [20, 'acted', 'other', 'node/node-2'],
    [20, 'refused', 'guard'],
  ] as const) {
    assert.equal(healingSteps(audit([1, 'decided', 'fence'], next)).length, 2, next[2]);
  }
});

test('what was done is told once, in order', () => {
  const entries = audit(
    [1, 'acted', 'Cordon: cordoned'],
    [2, 'acted', 'DeletePods: 1 pod deleted: a/b'],
    [3, 'acted', 'Cordon: cordoned'],
  );
  assert.equal(actsInWords(entries), 'cordoned, 1 pod deleted');
});
