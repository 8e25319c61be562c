import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REMEDIATION_ANNOTATION } from '../cluster/nodes.ts';
import type { NodeObject } from '../cluster/objects.ts';
import { SimClock } from '../testing/simulation/sim-clock.ts';
import { NodeHistory } from './node-history.ts';
import { formatRemediation } from './remediation.ts';

function node(ready: string, attempt?: string, unschedulable = true): NodeObject {
  const rest = { phase: 'draining', cordonOurs: true, startedAtMs: 0, phaseAtMs: 0, rule: 'r' } as const;
  const annotations =
    attempt === undefined ? {} : { [REMEDIATION_ANNOTATION]: formatRemediation({ attempt, ...rest }) };
  return {
    metadata: { name: 'n', uid: 'u', resourceVersion: '1', annotations },
    spec: { unschedulable },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  };
}

test('ages run from when this process saw a change, and are forgotten with the node', async () => {
  const clock = new SimClock();
  const history = new NodeHistory(clock);
  assert.deepEqual(history.of('u'), { seenReady: false });
  history.see(node('False', 'a'));
  await clock.runUntil(1000);
  history.see(node('Unknown', 'a'));
  assert.deepEqual(history.of('u'), {
    seenReady: false,
    notReadyForMs: 1000,
    remediationAgeMs: 1000,
    recordedForMs: 1000,
  });
  history.see(node('True', 'b'));
  await clock.runUntil(1700);
  assert.deepEqual(history.of('u'), {
    seenReady: true,
    readyForMs: 700,
    remediationAgeMs: 700,
    recordedForMs: 700,
  });
  history.see(node('False'));
  assert.deepEqual(history.of('u'), { seenReady: true, notReadyForMs: 0 });
  history.forget('u');
  assert.deepEqual(history.of('u'), { seenReady: false });
});

test('a node that is Ready when it is first seen has been so for long, unless its treatment is under way', () => {
  const readyForMs = (attempt?: string) => {
    const history = new NodeHistory(new SimClock());
    history.see(node('True', attempt));
    return history.of('u').readyForMs;
  };
  assert.equal(readyForMs(), Infinity);
  assert.equal(readyForMs('a'), 0);
});

test('a cordon that was away while the record called it ours is remembered for as long as that treatment', () => {
  const history = new NodeHistory(new SimClock());
  const lifted = (attempt: string | undefined, unschedulable: boolean) => {
    history.see(node('True', attempt, unschedulable));
    return history.of('u').cordonLifted;
  };
  assert.equal(lifted('a', true), undefined);
  assert.equal(lifted('a', false), true);
  assert.equal(lifted('a', true), true);
  assert.equal(lifted('b', true), undefined);
  assert.equal(lifted(undefined, false), undefined);
});
