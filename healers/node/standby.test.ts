import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Vote } from '../witness/vigil.ts';
import { SimClock } from '../testing/simulation/sim-clock.ts';
import type { StandbyView } from './facts.ts';
import { standbySays, StandbyViews } from './standby.ts';

const votes = (...words: Vote['says'][]): readonly Vote[] => words.map((says) => ({ says, because: '' }));

test('one who hears the kubelet outweighs others who do not', () => {
  assert.equal(standbySays(votes('silent', 'unknown', 'alive')), 'alive');
  assert.equal(standbySays(votes('unknown', 'silent')), 'silent');
  assert.equal(standbySays(votes('unknown', 'refused')), 'silent');
});

test('no answer is unknown, never silent, and nobody asked is nobody', () => {
  assert.equal(standbySays(votes('unknown')), 'unknown');
  assert.equal(standbySays([]), 'nobody');
});

test('the other healer is asked once at a time, and not again at once; a failure to ask is unknown', async () => {
  const clock = new SimClock();
  const { signal } = new AbortController();
  const answers = [
    Promise.withResolvers<StandbyView['says']>(),
    Promise.withResolvers<StandbyView['says']>(),
  ];
  const woken: string[] = [];
  let asked = 0;
  const views = new StandbyViews({
    ...{ clock, signal },
    ask: async () => await (answers[asked++]?.promise ?? Promise.reject(new Error('asked too often'))),
    onAnswer: (node) => void woken.push(node),
  });
  views.ask('node-1');
  views.ask('node-1');
  assert.equal(views.view('node-1'), undefined);
  answers[0]?.resolve('silent');
  await clock.runUntil(799);
  views.ask('node-1');
  assert.equal(asked, 1);
  assert.deepEqual(views.view('node-1'), { says: 'silent', ageMs: 799 });
  await clock.runUntil(800);
  views.ask('node-1');
  answers[1]?.reject(new Error('no pods listed'));
  await clock.runUntil(801);
  assert.deepEqual([asked, views.view('node-1')?.says, woken], [2, 'unknown', ['node-1', 'node-1']]);
});
