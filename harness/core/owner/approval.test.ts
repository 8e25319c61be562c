import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import {
  checkApproval,
  planDigest,
  publicKeyOf,
  signApproval,
  type ApprovalFacts,
  type ApprovalRequest,
} from './approval.ts';

const keyOf = (kind: 'alice' | 'mallory'): string => KEYS[kind];
const newKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const KEYS = { alice: newKey(), mallory: newKey() };
const plan = { scenarios: 's1', seed: '7' };
const facts: ApprovalFacts = {
  schema: 2,
  plan,
  clusterUid: 'u1',
  approvedAtWallMs: 0,
  expiresAtWallMs: 2_000,
  approver: 'alice',
};
const request: ApprovalRequest = {
  plan,
  clusterUid: 'u1',
  wallMs: 1_000,
  runner: 'bob',
  approvers: [{ user: 'alice', key: publicKeyOf(keyOf('alice')) }],
  limits: { uses: 3, longestMs: 10_000 },
};
const token = (changed: Partial<ApprovalFacts> = {}, key = keyOf('alice')): string =>
  signApproval({ ...facts, ...changed }, key);
const codeOf = (text: string | undefined, changed: Partial<ApprovalRequest> = {}): string => {
  const answer = checkApproval(text, { ...request, ...changed });
  return answer.ok ? 'ok' : answer.code;
};
const whyOf = (text: string | undefined, changed: Partial<ApprovalRequest> = {}): string => {
  const answer = checkApproval(text, { ...request, ...changed });
  return answer.ok ? '' : answer.why;
};

test('what another person has signed for this plan, this cluster and this time is accepted', () => {
  assert.equal(codeOf(token()), 'ok');
  assert.equal(codeOf(`${token()}\n`), 'ok');
});

test('each thing that is wrong with it is refused with its own reason', () => {
  assert.equal(codeOf(undefined), 'approval.missing');
  assert.equal(codeOf(' '), 'approval.missing');
  assert.match(whyOf(undefined), /alice/);
  assert.equal(codeOf('abc'), 'approval.malformed');
  assert.equal(codeOf(`${token()}.more`), 'approval.malformed');
  assert.equal(codeOf(token({ approver: 'carol' })), 'approval.unknown-approver');
  assert.equal(codeOf(token({}, keyOf('mallory'))), 'approval.bad-signature');
  assert.equal(codeOf(token({ clusterUid: 'u2' })), 'approval.other-cluster');
  assert.equal(codeOf(token(), { wallMs: 2_000 }), 'approval.expired');
  assert.match(whyOf(token(), { wallMs: 2_000 }), /1970-01-01T00:00:02/);
  assert.equal(codeOf(token(), { runner: 'alice' }), 'approval.same-person');
});

test('an approval is good for no longer than the owner lets it, whatever it says itself', () => {
  const limits = { uses: 3, longestMs: 1_500 };
  assert.equal(codeOf(token(), { limits, wallMs: 1_499 }), 'ok');
  assert.equal(codeOf(token(), { limits, wallMs: 1_500 }), 'approval.expired');
  assert.match(whyOf(token(), { limits, wallMs: 1_500 }), /1970-01-01T00:00:01.5/);
});

test('an approval is counted as what was signed, however the text around it is written', () => {
  const spendable = (text: string) => {
    const answer = checkApproval(text, request);
    return answer.ok ? answer.approval : undefined;
  };
  assert.equal(spendable(token())?.uses, 3);
  assert.match(spendable(token())?.id ?? '', /^[0-9a-f]{64}$/);
  assert.deepEqual(spendable(`\n${token()}=\n`), spendable(token()));
  assert.notEqual(spendable(token({ approvedAtWallMs: 1 }))?.id, spendable(token())?.id);
});

test('facts that were changed after they were signed are not signed any more', () => {
  const [, signature = ''] = token().split('.');
  const longer = Buffer.from(JSON.stringify({ ...facts, expiresAtWallMs: 9e15 })).toString('base64url');
  assert.equal(codeOf(`${longer}.${signature}`), 'approval.bad-signature');
});

test('another plan is refused, and it is told which part is another', () => {
  assert.equal(codeOf(token(), { plan: { ...plan, seed: '8' } }), 'approval.other-plan');
  assert.match(whyOf(token(), { plan: { ...plan, seed: '8' } }), /seed was 7 and is 8/);
  assert.equal(codeOf(token(), { plan: { ...plan, more: 'x' } }), 'approval.other-plan');
  assert.equal(codeOf(token(), { plan: { seed: '7' } }), 'approval.other-plan');
});

test('an approval for no plan is malformed, and crashes nothing', () => {
  for (const none of [null, 'a plan', ['a']]) {
    const plans = { plan: none } as unknown as Partial<ApprovalFacts>;
    assert.equal(codeOf(token(plans)), 'approval.malformed');
  }
});

test('a plan has one digest, whatever the order of its parts', () => {
  assert.equal(planDigest({ a: '1', b: '2' }), planDigest({ b: '2', a: '1' }));
  assert.notEqual(planDigest({ a: '1', b: '2' }), planDigest({ a: '12', b: '' }));
});

test('a key of another kind is refused before anything is signed', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const pem = rsa.export({ type: 'pkcs8', format: 'pem' }).toString();
  assert.throws(() => signApproval(facts, pem), { code: 'approval.bad-key' });
  assert.throws(() => publicKeyOf('no key'), { code: 'approval.bad-key' });
});
