import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '../../harness/core/journal/journal.ts';
import type { Mark, MarkName, Verdict } from '../../harness/core/verdict.ts';
import { sampleTrial } from '../testing/sample-journal.ts';
import { recoveryPhases } from './phases.ts';

const { verdict: sample } = sampleTrial({ shape: 'held' });
const entry = (monoMs: number, body: object): Entry => ({ seq: 0, monoMs, wallMs: monoMs, ...body }) as Entry;

/** A pod of an application: created, and Ready, at these instants. */
const pod = (name: string, app: string | undefined, createdMs: number, readyMs: number): Entry[] => {
  const watch = { kind: 'watch', object: 'Pod', name, uid: name };
  return [
    entry(createdMs, { ...watch, change: 'added', facts: { app } }),
    entry(createdMs + 10, { ...watch, change: 'modified', facts: { app, node: 'node-1' } }),
    entry(createdMs + 20, { ...watch, change: 'modified', facts: { app, node: 'node-1', started: true } }),
    entry(readyMs, { ...watch, change: 'modified', facts: { app, node: 'node-1', ready: true } }),
  ];
};

/** What is told of pods and marks, from a fault that was effective at 10 s. */
function phasesOf(
  marks: Partial<Record<MarkName, number>>,
  pods: readonly Entry[][],
  selectors = ['app=web'],
) {
  const all = Object.entries({ effective: 10_000, ...marks }).map(
    ([name, monoMs]) => ({ name, monoMs, wallMs: monoMs, beforeMs: 0, afterMs: 0, seenBy: 'healer' }) as Mark,
  );
  const before = entry(0, {
    kind: 'watch',
    object: 'Pod',
    change: 'added',
    name: 'old',
    uid: 'old',
    facts: {},
  });
  const counts = selectors.map((selector) => entry(1, { kind: 'capacity', selector, ready: 1, wanted: 1 }));
  const entries = [before, ...counts, ...pods.flat()].toSorted((a, b) => a.monoMs - b.monoMs);
  const verdict: Verdict = { ...sample, marks: all };
  return recoveryPhases(verdict, entries).map(({ name, fromMs, toMs, meaning }) => [
    name,
    fromMs,
    toMs,
    meaning,
  ]);
}

test('the steps of the cluster are those of the replacement that capacity waited for', () => {
  const steps = (name: string, createdMs: number, readyMs: number) => [
    ['replace', 0, createdMs, `${name} is created`],
    ['schedule', createdMs, createdMs + 10, `${name} has a node`],
    ['start', createdMs + 10, createdMs + 20, `${name} has started`],
    ['ready', createdMs + 20, readyMs, `${name} is Ready`],
  ];
  const late = pod('late', 'web', 11_000, 13_000);
  const early = pod('early', 'web', 11_500, 12_000);
  assert.deepEqual(phasesOf({}, [late, early]), steps('late', 1_000, 3_000));
  assert.deepEqual(phasesOf({}, [early, late]), steps('late', 1_000, 3_000));
  assert.deepEqual(phasesOf({ capacity: 12_950 }, [late, early]), steps('late', 1_000, 3_000));
  assert.deepEqual(phasesOf({ capacity: 12_949 }, [late, early]), steps('early', 1_500, 2_000));
  const atOnce = pod('at-once', 'web', 10_000, 12_500);
  assert.deepEqual(phasesOf({}, [atOnce])[0], ['replace', 0, 0, 'at-once is created']);
  assert.deepEqual(phasesOf({}, [pod('before', 'web', 9_999, 12_000)]), []);
});

test('a pod of another application than the one that is counted is no replacement', () => {
  const pods = [pod('web', 'web', 11_000, 12_000), pod('db', 'db', 11_000, 13_000)];
  const last = (...selectors: readonly string[]) => phasesOf({}, pods, [...selectors]).at(-1)?.[3];
  assert.equal(last('app=web'), 'web is Ready');
  assert.equal(last('app.kubernetes.io/name=web'), 'web is Ready');
  assert.equal(last('app=web', 'app=db'), 'web is Ready');
  for (const selector of ['app=web,tier=front', 'tier=front', 'app!=web', 'app in (web)', 'my-app=web'])
    assert.equal(last(selector), 'db is Ready', selector);
  assert.equal(last(), 'db is Ready');
  const unlabelled = [pod('bare', undefined, 11_000, 14_000), ...pods];
  assert.equal(phasesOf({}, unlabelled).at(-1)?.[3], 'bare is Ready');
});

test('the steps of the healer are its marks, each from where the one before ended, and one before it is left out', () => {
  assert.deepEqual(phasesOf({ detected: 11_000, decided: 11_100, acted: 11_300 }, []), [
    ['detect', 0, 1_000, 'the problem is recorded, seen by healer'],
    ['decide', 1_000, 1_100, 'its guard has passed'],
    ['act', 1_100, 1_300, 'its first write'],
  ]);
  assert.deepEqual(
    phasesOf({ detected: 11_000, decided: 10_999, acted: 11_000 }, []).map(([name]) => name),
    ['detect', 'act'],
  );
  const unproven = { ...sample, marks: sample.marks.filter(({ name }) => name !== 'effective') };
  assert.ok(unproven.marks.some(({ name }) => name === 'detected'));
  assert.deepEqual(recoveryPhases(unproven, [entry(1, { kind: 'fault.requested' })]), []);
});
