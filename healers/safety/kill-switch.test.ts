import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditRecord } from '../runtime/audit-chain.ts';
import { DEEDS } from '../testing/healer-records.ts';
import { NodeBench } from '../testing/node-bench.ts';
import { KillSwitch } from './kill-switch.ts';

function killSwitch(isLeading = true) {
  const told: string[] = [];
  const made = new KillSwitch({
    audit: {
      record: ({ event, detail }: AuditRecord) => {
        told.push(`audit ${event} ${detail}`);
        return undefined;
      },
    },
    notify: (_incident, severity, text) => told.push(`message ${severity} ${text}`),
    event: ({ type, reason, note }) => told.push(`Event ${type} ${reason} ${note}`),
    isLeading: () => isLeading,
    namespace: 'firedrill-system',
    onChange: () => told.push('look'),
  });
  return { made, told };
}

test('a pause and its end are told once each, as audit line, message and Event', () => {
  const { made, told } = killSwitch();
  made.see('upgrade');
  made.see('upgrade');
  assert.equal(made.reason, 'the healer is paused: upgrade');
  made.see('');
  assert.equal(made.reason, 'the healer is paused: no reason given');
  made.see(undefined);
  made.see(undefined);
  assert.equal(made.reason, undefined);
  assert.deepEqual(
    told.filter((each) => each !== 'look'),
    [
      'audit suspended the healer is paused: upgrade',
      'message warning the healer is paused: upgrade',
      'Event Warning HealingPaused the healer is paused: upgrade',
      'audit resumed healing goes on',
      'message resolved healing goes on',
      'Event Normal HealingResumed healing goes on',
    ],
  );
});

test('who does not lead stops as well, and leaves the telling to the leader', () => {
  const { made, told } = killSwitch(false);
  made.see('upgrade');
  assert.notEqual(made.reason, undefined);
  assert.deepEqual(told, ['audit suspended the healer is paused: upgrade', 'look']);
});

/** Loses a node with pods on it and pauses the healer when it sends this deed, counted from 1; returns what it sends then. */
async function sentAfter(
  deed: number,
): Promise<{ readonly sent: readonly string[]; readonly bench: NodeBench }> {
  const bench = new NodeBench({ policy: { replaceAfterMs: 0, movedWithinMs: 0 } });
  await bench.calm(4);
  for (let pod = 1; pod <= 3; pod++) bench.server.addPod(`web-${pod}`, 'n1');
  let deeds = 0;
  const sent: string[] = [];
  bench.records.onCall = (request) => {
    if (!DEEDS.includes(request)) return;
    if (bench.paused !== undefined) sent.push(request);
    if (++deeds === deed) bench.paused = 'the healer is paused: stop';
  };
  bench.losePower('n1');
  await bench.until(30);
  bench.addNode('n1-r');
  await bench.until(40);
  return { sent, bench };
}

test('whenever it is paused, the call that is under way is the last one; afterwards the treatment goes on to its end', async () => {
  const whole = await sentAfter(Infinity);
  const deeds = whole.bench.records.calls.filter(({ request }) => DEEDS.includes(request)).length;
  assert.ok(deeds >= 10, `${deeds} deeds`);
  for (let deed = 1; deed <= deeds; deed++) {
    const { sent, bench } = await sentAfter(deed);
    assert.deepEqual(sent, [], `after deed ${deed}`);
    bench.paused = undefined;
    await bench.until(110);
    assert.equal(bench.server.nodes.has('n1'), false, `the treatment that was stopped at deed ${deed}`);
  }
});
