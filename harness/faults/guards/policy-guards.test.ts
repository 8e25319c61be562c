import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { publicKeyOf, signApproval } from '../../core/owner/approval.ts';
import { parsePolicy } from '../../core/owner/policy.ts';
import type { Permit } from '../../core/owner/permit.ts';
import { policyRefusals, stopRefusals } from './policy-guards.ts';

const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const plan = { seed: '7' };
const clusterUid = 'u1';
const wallMs = Date.UTC(2026, 10, 23, 12);
const approval = signApproval(
  {
    schema: 2,
    plan,
    clusterUid,
    approvedAtWallMs: wallMs,
    expiresAtWallMs: wallMs + 1_000,
    approver: 'alice',
  },
  key,
);
const permit: Permit = { plan, runner: 'bob', approval, approveWith: 'approve --seed 7' };
const asksForAlice = parsePolicy(`approvers: [{ user: alice, key: ${publicKeyOf(key)} }]`);
const office = parsePolicy(
  'freeze: [{ name: office, days: [mon], from: "08:00", to: "18:00", timeZone: UTC }]',
);
const none = parsePolicy('');

test('a policy that asks for nothing refuses nothing', () => {
  assert.deepEqual(policyRefusals({ policy: none, clusterUid, wallMs }, 60_000), []);
});

test('in a freeze window it is refused, with the name of the window and its end', () => {
  const [refusal, ...others] = policyRefusals({ policy: office, clusterUid, wallMs }, 0);
  assert.deepEqual(others, []);
  assert.equal(refusal?.rule, 'freeze-window');
  assert.match(refusal.message, /"office" \(mon 08:00 to 18:00 UTC\), which ends at 2026-11-23 18:00 UTC/);
  const after = { policy: office, clusterUid, wallMs: Date.UTC(2026, 10, 23, 18) };
  assert.deepEqual(policyRefusals(after, 60_000), []);
});

test('a fault that would last into a freeze window is refused, a shorter one is not', () => {
  const before = { policy: office, clusterUid, wallMs: Date.UTC(2026, 10, 23, 7, 50) };
  assert.deepEqual(policyRefusals(before, 9 * 60_000), []);
  assert.equal(policyRefusals(before, 11 * 60_000)[0]?.rule, 'freeze-window');
});

test('where a second person is asked for, a run without plan or approval is told the next step', () => {
  const facts = { policy: asksForAlice, clusterUid, wallMs };
  assert.deepEqual(policyRefusals({ ...facts, permit }, 0), []);
  assert.equal(policyRefusals(facts, 0)[0]?.code, 'approval.no-plan');
  const [missing] = policyRefusals({ ...facts, permit: { ...permit, approval: '' } }, 0);
  assert.equal(missing?.code, 'approval.missing');
  assert.match(missing.allow, /approve --seed 7; then run it again with --approval FILE/);
});

test('an approval that ends while the run lasts holds no longer', () => {
  const later = { policy: asksForAlice, clusterUid, wallMs: wallMs + 1_000, permit };
  assert.equal(policyRefusals(later, 0)[0]?.code, 'approval.expired');
});

test('nothing begins while a stop condition holds or cannot be read', () => {
  assert.deepEqual(stopRefusals([{ name: 'a', state: 'clear', detail: '' }]), []);
  const refusals = stopRefusals([
    { name: 'a', state: 'true', detail: '20 is above 14' },
    { name: 'b', state: 'unreadable', detail: 'no data' },
  ]);
  assert.match(refusals[0]?.message ?? '', /"a" holds: 20 is above 14/);
  assert.equal(refusals[0]?.allow, 'wait until it no longer holds');
  assert.match(refusals[1]?.message ?? '', /"b" cannot be read: no data/);
  assert.match(refusals[1]?.allow ?? '', /--prometheus NAMESPACE\/SERVICE/);
});
