import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Entry, EntryBody, TrialStarted } from '../core/journal/journal.ts';
import type { JournalProof } from '../core/journal/parse-journal.ts';
import { findDamage, wellFormedStart } from './journal-damage.ts';
import { judge } from './judge.ts';
import {
  at,
  EFFECTIVE_MS,
  mapEntries,
  REQUESTED_MS,
  synthesise,
  withEntries,
} from './testing/synthetic-trial.ts';

const whole = synthesise({ watchedForMs: 20_000 });
const lineOf = (kind: Entry['kind']): number => whole.findIndex((entry) => entry.kind === kind) + 1;

/** The journal with one kind of entry changed, by fields that its type may not allow. */
function withFields(kind: Entry['kind'], fields: object): Entry[] {
  return mapEntries(whole, (entry) => (entry.kind === kind ? { ...entry, ...fields } : entry));
}
function withLine(atMs: number, body: object): Entry[] {
  return withEntries(whole, [at(atMs, body as EntryBody)]);
}
/** The first entry of a kind as if it had been written at another time. */
function moved(kind: Entry['kind'], toMs: number): Entry[] {
  const entry = whole.find((one) => one.kind === kind);
  assert.ok(entry);
  return withEntries(
    whole.filter((one) => one !== entry),
    [{ ...entry, atMs: toMs }],
  );
}
/** Several journals one after the other in one file, with their numbers and times going on. */
function renumbered(...parts: readonly (readonly Entry[])[]): Entry[] {
  const lengthMs = 200_000;
  return parts
    .flatMap((part, nth) =>
      part.map((entry) => ({
        ...entry,
        monoMs: entry.monoMs + nth * lengthMs,
        wallMs: entry.wallMs + nth * lengthMs,
      })),
    )
    .map((entry, seq) => ({ ...entry, seq }));
}

describe('a journal that proves itself', () => {
  it('is judged by what it says', () => assert.equal(judge(whole).outcome, 'held'));

  it('is judged without its end, too: its writer died', () => {
    assert.match(judge(whole.slice(0, -1)).reason, /never closed/);
  });
});

describe('a journal proves nothing, and the line is named, when', () => {
  const last = whole.length;
  const effect = whole.find((entry) => entry.kind === 'fault.effective');
  const claim = whole.find((entry) => entry.kind === 'slo.claim');
  assert.ok(effect && claim);
  const cases: [string, readonly Entry[], number, RegExp][] = [
    ['it is empty', [], 1, /which trial/],
    ['its first line is not the start of a trial', whole.slice(1), 1, /which trial/],
    ['a line was cut out', whole.toSpliced(9, 1), 10, /1 line is missing before it \(seq 10, expected 9\)/],
    ['lines were cut out', whole.toSpliced(9, 5), 10, /5 lines are missing/],
    ['a line was written twice', whole.toSpliced(9, 0, whole[8]!), 10, /written twice/],
    [
      'a line was moved down',
      [...whole.slice(0, 9), ...whole.slice(10, 20), whole[9]!, ...whole.slice(20)],
      10,
      /missing/,
    ],
    ['it is of a schema that nobody knows', withFields('trial.started', { schema: 7 }), 1, /schema 7/],
    ['its schema is no number', withFields('trial.started', { schema: '1' }), 1, /schema "1"/],
    [
      'a kind of entry is unknown',
      withLine(EFFECTIVE_MS, { kind: 'toString' }),
      lineOf('fault.effective'),
      /"toString" is no kind/,
    ],
    [
      'its start names no cluster',
      withFields('trial.started', { cluster: undefined }),
      1,
      /does not say its name/,
    ],
    [
      'its start expects no outcome',
      withFields('trial.started', { expected: 'fine' }),
      1,
      /expected outcome/,
    ],
    ['its start has no deadline', withFields('trial.started', { deadlineMs: null }), 1, /deadlineMs/],
    ['a second trial begins in it', renumbered(whole, whole), last + 1, /a second trial begins/],
    [
      'something follows its end',
      renumbered([...whole, { ...whole[5]!, monoMs: whole.at(-1)!.monoMs }]),
      last + 1,
      /had ended/,
    ],
    ['it ends twice', renumbered([...whole, whole.at(-1)!]), last + 1, /had ended/],
    [
      'its time runs backwards inside',
      mapEntries(whole, (entry) =>
        entry.seq === 50 ? { ...entry, monoMs: entry.monoMs - 3_000, wallMs: entry.wallMs - 3_000 } : entry,
      ),
      51,
      /runs backwards/,
    ],
    ['an effect is told twice', withLine(EFFECTIVE_MS + 12_000, effect), -1, /"i1" was proven twice/],
    [
      'a fault is requested twice',
      withLine(EFFECTIVE_MS, { ...whole.find((entry) => entry.kind === 'fault.requested') }),
      -1,
      /requested twice/,
    ],
    [
      'a fault is resolved twice',
      withLine(EFFECTIVE_MS, { ...whole.find((entry) => entry.kind === 'fault.resolved') }),
      -1,
      /resolved twice/,
    ],
    ['a claim is made twice', withLine(EFFECTIVE_MS + 900, claim), -1, /claim "c1" was made twice/],
    [
      'a fault was undone before its effect',
      moved('fault.reverted', EFFECTIVE_MS - 5),
      -1,
      /undone before its effect/,
    ],
    [
      'residue was searched before the fault',
      moved('residue', REQUESTED_MS - 500),
      lineOf('fault.requested') + 1,
      /searched before this fault/,
    ],
    [
      'residue was searched before the effect',
      moved('residue', EFFECTIVE_MS - 5),
      -1,
      /searched before the effect/,
    ],
    [
      'an effect is seen after it was written down',
      withFields('fault.effective', { effectiveMonoMs: EFFECTIVE_MS + 8_000 }),
      lineOf('fault.effective'),
      /only after this was written/,
    ],
    [
      'an effect is seen before its fault was requested',
      withFields('fault.effective', { effectiveMonoMs: REQUESTED_MS - 100 }),
      lineOf('fault.effective'),
      /before it was requested/,
    ],
    [
      'Prometheus has answered for the future',
      withFields('promql.series', { points: [[Date.UTC(2100), 1]] }),
      lineOf('promql.series'),
      /still to come/,
    ],
    [
      'the gate is open and names what keeps it shut',
      withFields('gate', { reasons: ['node-1 is not Ready'] }),
      lineOf('gate'),
      /keeps it shut: node-1 is not Ready/,
    ],
    [
      'nothing is left behind and something is',
      withFields('residue', { items: ['a taint'] }),
      lineOf('residue'),
      /this is: a taint/,
    ],
    [
      'a gap ends before it begins',
      withLine(EFFECTIVE_MS + 50, {
        kind: 'observer',
        observer: 'alerts',
        state: 'gap',
        fromMonoMs: EFFECTIVE_MS + 40,
        toMonoMs: EFFECTIVE_MS - 40,
      }),
      -1,
      /ends before it begins/,
    ],
    [
      'a request is told twice, and differently',
      withLine(EFFECTIVE_MS + 900, { ...whole.find((entry) => entry.kind === 'probe.sample'), ok: false }),
      -1,
      /the request \d+ was told twice/,
    ],
    [
      'an effect is that of no fault',
      withLine(EFFECTIVE_MS + 50, { ...effect, injectionId: 'i9' }),
      -1,
      /"i9" was never requested/,
    ],
    [
      'a claim is about no fault',
      withFields('slo.claim', { injectionId: 'i9' }),
      lineOf('slo.claim'),
      /nobody requested/,
    ],
  ];
  for (const [name, entries, line, reason] of cases)
    it(name, () => {
      const verdict = judge(entries);
      assert.equal(verdict.outcome, 'inconclusive', verdict.reason);
      assert.match(verdict.reason, reason);
      const named = Number(/^line (\d+) of the journal: /.exec(verdict.reason)?.[1]);
      assert.ok(line === -1 ? named > 1 : named === line, verdict.reason);
    });

  it('that goes before a violated claim, and is not what a trial can be expected to end with', () => {
    const started: Partial<TrialStarted> = { expected: 'inconclusive' };
    const violated = synthesise({ watchedForMs: 25_000, outages: [[100, 14_000]], started });
    assert.equal(judge(violated).outcome, 'violated');
    const verdict = judge(violated.toSpliced(40, 1));
    assert.deepEqual([verdict.outcome, verdict.asExpected], ['inconclusive', false]);
    assert.equal(verdict.title, 'survives the loss of a node');
  });

  it('a claim is of a kind that only every object has', () => {
    for (const claim of ['constructor', 'toString', 'heals-within']) {
      const verdict = judge(withFields('slo.claim', { claim }));
      assert.equal(verdict.outcome, 'inconclusive');
      assert.match(verdict.reason, /nobody knows how to judge/);
    }
  });

  it('an entry lacks what its kind is read for', () => {
    const verdict = judge(withFields('fault.resolved', { targets: undefined }));
    assert.equal(verdict.outcome, 'inconclusive');
    assert.match(verdict.reason, /could not be read|crashed/);
  });
});

describe('what else is said of a journal', () => {
  const schema2 = withFields('trial.started', { schema: 2 });
  const reasonOf = (entries: readonly Entry[], proof: JournalProof = {}): string | undefined =>
    findDamage(entries, proof)?.reason;

  it('that it carries digests, or none, as its schema says', () => {
    assert.equal(reasonOf(whole), undefined);
    assert.equal(reasonOf(schema2, { digest: 'd' }), undefined);
    assert.match(reasonOf(whole, { digest: 'd' }) ?? '', /of schema 1 carries no digests/);
    assert.match(reasonOf(schema2) ?? '', /schema 2 carries a digest in each line, and this one has none/);
  });

  it('a line whose digest does not follow, and whatever is wrong before it', () => {
    const broken = { digest: 'd', brokenAt: 20 };
    assert.equal(findDamage(schema2, broken)?.line, 20);
    assert.match(reasonOf(schema2, broken) ?? '', /its digest does not follow/);
    assert.equal(findDamage(schema2.toSpliced(9, 1), broken)?.line, 10);
  });

  it('a line that cannot be read, unless something is wrong before it', () => {
    const unreadable = { line: 10, reason: 'no JSON' };
    assert.equal(findDamage(whole, { unreadable }), unreadable);
    for (const cut of [9, 20]) assert.equal(findDamage(whole.toSpliced(cut, 1), { unreadable }), unreadable);
    assert.equal(findDamage(whole.toSpliced(8, 1), { unreadable })?.line, 9);
  });

  it('that lines of one instant are in order, and an effect within its error of the request', () => {
    const same = whole.map((entry, at) => (at === 9 ? { ...entry, monoMs: whole[8]!.monoMs } : entry));
    assert.equal(reasonOf(same), undefined);
    const effect = (effectiveMonoMs: number) =>
      reasonOf(withFields('fault.effective', { effectiveMonoMs, errorMs: 5 }));
    assert.equal(effect(REQUESTED_MS - 5), undefined);
    assert.match(effect(REQUESTED_MS - 6) ?? '', /before it was requested/);
  });

  it('which of the words is missing that a verdict begins with', () => {
    for (const field of ['trialId', 'runId', 'scenario', 'title', 'again', 'seed', 'deadlineMs'])
      assert.equal(
        reasonOf(withFields('trial.started', { [field]: undefined })),
        `the start of the trial does not say its ${field}`,
      );
    const [start] = whole;
    assert.ok(start?.kind === 'trial.started');
    for (const field of ['name', 'provider', 'kubernetesVersion', 'uid']) {
      const cluster = { ...start.cluster, [field]: undefined };
      const changed = withFields('trial.started', { cluster });
      assert.equal(reasonOf(changed), `the start of the trial does not say its ${field}`);
      assert.equal(wellFormedStart(changed[0]), undefined);
    }
    assert.equal(wellFormedStart(start), start);
    assert.equal(wellFormedStart(whole[1]), undefined);
    assert.equal(wellFormedStart(undefined), undefined);
  });

  it('that a claim may be about no fault, and requests of two targets have the same numbers', () => {
    assert.equal(reasonOf(withFields('slo.claim', { injectionId: undefined })), undefined);
    const other = { ...whole.find((entry) => entry.kind === 'probe.sample'), target: 'other' };
    assert.equal(reasonOf(withLine(EFFECTIVE_MS + 900, other)), undefined);
  });
});
