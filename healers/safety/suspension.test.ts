import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditRecord } from '../runtime/audit-chain.ts';
import { SimClock } from '../testing/simulation/sim-clock.ts';
import { Suspension } from './suspension.ts';

function suspension() {
  const clock = new SimClock();
  const told: string[] = [];
  const audit = {
    record: (record: AuditRecord) => {
      told.push(`${record.event}: ${record.detail}`);
      return undefined as never;
    },
  };
  const made = new Suspension({ clock, audit, apiFreshMs: 3000, goodForMs: 2000, onChange: () => undefined });
  return { clock, told, made };
}

const good = { nodes: 4, leases: 4, staleLeases: 1, unheard: 0, apiAgeMs: 100 };

test('most leases stale together suspend, and it is said once', () => {
  const { made, told } = suspension();
  made.see({ ...good, staleLeases: 2 });
  assert.equal(made.reason, undefined);
  made.see({ ...good, staleLeases: 3 });
  made.see({ ...good, staleLeases: 4 });
  assert.deepEqual(told, ['suspended: 3 of 4 node leases went stale together']);
});

test('most kubelets unheard by us while their leases are renewed: our own network is in doubt', () => {
  const { made, told } = suspension();
  made.see({ ...good, unheard: 2 });
  made.see({ ...good, unheard: 3 });
  assert.deepEqual(told, ['suspended: 3 of 4 kubelets do not answer us, although their leases are renewed']);
});

test('one stale lease of one is a dead node, no partition', () => {
  const { made } = suspension();
  made.see({ nodes: 1, leases: 1, staleLeases: 1, unheard: 0, apiAgeMs: 0 });
  assert.equal(made.reason, undefined);
});

test('doubtful API access of our own suspends', () => {
  const { made } = suspension();
  made.see({ ...good, apiAgeMs: 3001 });
  assert.match(made.reason ?? '', /3.0 s ago/);
});

test('it ends only after reads were good for long enough without a break', async () => {
  const { clock, made, told } = suspension();
  made.see({ ...good, staleLeases: 4 });
  made.see(good);
  await clock.runUntil(1900);
  made.see({ ...good, apiAgeMs: 4000 });
  await clock.runUntil(2500);
  made.see(good);
  await clock.runUntil(4499);
  made.see(good);
  assert.notEqual(made.reason, undefined);
  await clock.runUntil(4500);
  made.see(good);
  assert.equal(made.reason, undefined);
  assert.equal(told.length, 2);
  assert.match(told[1]!, /^resumed: fresh reads for 2000 ms/);
});
