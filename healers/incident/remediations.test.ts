import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditRecord } from '../runtime/audit-chain.ts';
import { Remediations } from './remediations.ts';
import type { PathReport } from './report.ts';
import { SILENT_REPORTER } from '../testing/silent-reporter.ts';

const report: PathReport = {
  subject: { apiVersion: 'v1', kind: 'Node', name: 'node-1', uid: 'uid-1' },
  attempt: undefined,
  standing: 'detected',
  health: 'silent',
  because: 'it does not answer',
  observation: {},
  rule: 'fence',
  reason: 'it is silent',
  guards: [],
  step: 'cordon',
  lost: [],
  durable: false,
  effect: 'recovers',
};

/** What the audit says of an incident from its suspicion to its end, with a refusal on the way. */
function incident(observeOnly: boolean): readonly AuditRecord[] {
  const records: AuditRecord[] = [];
  const audit = { record: (record: AuditRecord) => (records.push(record), {} as never) };
  const clock = { now: () => ({ wallMs: 1_000, monoMs: 1_000 }), sleep: () => Promise.resolve() };
  const remediations = new Remediations(audit, clock, SILENT_REPORTER, observeOnly);
  remediations.planned({ ...report, refusal: { reasons: ['r'] } });
  remediations.planned(report);
  remediations.decided(report);
  remediations.failed(report, 'no answer');
  remediations.acted(report, { action: 'Cordon', result: 'cordoned', attempt: 'node-1.uid-1.1' });
  return records;
}

test('every audit record of an incident that is only observed says that nothing was done', () => {
  assert.deepEqual(
    incident(true).map(({ event, wouldDo }) => [event, wouldDo]),
    ['suspected', 'detected', 'refused', 'decided', 'refused', 'decided', 'recovered'].map((event) => [
      event,
      true,
    ]),
  );
});

test('no audit record of an incident that is treated says so', () => {
  const records = incident(false);
  assert.deepEqual(
    records.map(({ event }) => event),
    ['suspected', 'detected', 'refused', 'decided', 'refused', 'acted', 'recovered'],
  );
  assert.ok(records.every((record) => !('wouldDo' in record)));
});
