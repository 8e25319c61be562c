import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusal } from '../../infra/kube/errors.ts';
import type { Lease } from '../../infra/kube/objects.ts';
import { recordingKube } from '../testing/recording-kube.ts';
import { SimClock } from '../testing/simulation/sim-clock.ts';
import type { AuditRecord } from './audit-chain.ts';
import { Leadership } from './leadership.ts';

function replica() {
  const clock = new SimClock();
  const state: { refuses?: string } = {};
  const { kube, requests } = recordingKube('ns', clock, ({ method, path }) => {
    if (state.refuses !== undefined && method !== 'GET') throw refusal(method, path, 500, state.refuses);
    return undefined;
  });
  const lines: AuditRecord[] = [];
  const audit = { record: (line: AuditRecord) => void lines.push(line) };
  const leadership = new Leadership({ kube, namespace: 'ns', pod: 'healer-a', podUid: 'uid', audit });
  return { clock, state, leadership, lines, requests };
}

test('who leads is known by its pod and its UID, and each term is written down and told', async () => {
  const { clock, leadership, lines, requests } = replica();
  const terms: number[] = [];
  leadership.onTerm(({ transitions }) => terms.push(transitions));
  const stop = new AbortController();
  assert.equal(leadership.stillLeading(), false);
  const running = leadership.run(stop.signal);
  await clock.runUntil(500);
  assert.equal(leadership.stillLeading(), true);
  stop.abort();
  await clock.runUntil(1000);
  await running;
  assert.equal(leadership.stillLeading(), false);
  assert.deepEqual(terms, [0]);
  assert.deepEqual(lines, [
    { event: 'leader', subject: 'healer', detail: 'healer-a leads, term 0' },
    { event: 'leader', subject: 'healer', detail: 'healer-a no longer leads: stopped' },
  ]);
  const made = requests.find(({ method }) => method === 'POST');
  assert.equal(made?.path, '/apis/coordination.k8s.io/v1/namespaces/ns/leases');
  assert.equal((made.body as Lease).spec?.holderIdentity, 'healer-a_uid');
  assert.equal((made.body as Lease).metadata?.name, 'firedrill-healer');
});

test('trouble with the lease is written down once, another trouble too, and the same one again in a later term', async () => {
  const { clock, state, leadership, lines } = replica();
  const stop = new AbortController();
  void leadership.run(stop.signal);
  await clock.runUntil(500);
  const refusedFor = async (reason: string | undefined, ms: number): Promise<void> => {
    if (reason === undefined) delete state.refuses;
    else state.refuses = reason;
    await clock.runUntil(clock.now().monoMs + ms);
  };
  await refusedFor('no', 6000);
  await refusedFor('never', 2000);
  await refusedFor(undefined, 2000);
  await refusedFor('never', 2000);
  const told = lines.filter(({ event }) => event === 'refused');
  assert.deepEqual(
    told.map(({ detail }) => detail.replace(/.* 500 /, '')),
    ['no', 'never', 'never'],
  );
  for (const { subject, rule, detail } of told) {
    assert.deepEqual([subject, rule], ['healer', 'election']);
    assert.match(detail, /^the leader lease: PUT .*: 500 /);
  }
  stop.abort();
  await clock.runUntil(clock.now().monoMs + 2000);
});
