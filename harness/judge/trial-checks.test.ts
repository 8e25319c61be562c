import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import type { Entry } from '../core/journal/journal.ts';
import { given } from '../core/given.ts';
import type { Outcome } from '../core/verdict.ts';
import { readTrial } from '../core/recovery/trial-facts.ts';
import { CHECKS, judge } from './judge.ts';
import { checkGate, checkResidue, checkVacuous } from './trial-checks.ts';
import {
  at,
  EFFECTIVE_MS,
  mapEntries,
  REQUESTED_MS,
  synthesise,
  withEntries,
  type Story,
  type Timed,
} from './testing/synthetic-trial.ts';

const flawless = synthesise();

function without(...kinds: Entry['kind'][]): Entry[] {
  return mapEntries(flawless, (entry) => (kinds.includes(entry.kind) ? undefined : entry));
}

function expectVerdict(entries: readonly Entry[], outcome: Outcome, reason: RegExp): void {
  const verdict = judge(entries);
  assert.equal(verdict.outcome, outcome, verdict.reason);
  assert.match(verdict.reason, reason);
}

it('a trial is vacuous without a claim or a failed assertion, and without a request, each by itself', () => {
  const said = (entries: readonly Entry[]) =>
    checkVacuous.run(readTrial(entries)).map(({ reason }) => reason);
  const [unasked, unused] = ['the scenario claimed nothing', 'the probe sent no request'];
  assert.deepEqual(said(flawless), []);
  assert.deepEqual(said(without('slo.claim')), [unasked]);
  assert.deepEqual(said(without('probe.sample')), [unused]);
  assert.deepEqual(said([]), [unasked, unused]);
  const failed = at(EFFECTIVE_MS, { kind: 'assertion.failed', message: 'no' });
  assert.deepEqual(said(withEntries(without('slo.claim'), [failed])), []);
});

it('the start is steady by a look no later than the first fault, and what is left by the last search', () => {
  const gate = (entries: readonly Entry[]) => checkGate.run(readTrial(entries)).map(({ outcome }) => outcome);
  const looked = (atMs: number, ok = true) =>
    withEntries(without('gate'), [at(atMs, { kind: 'gate', ok, reasons: [] })]);
  assert.deepEqual(gate(looked(REQUESTED_MS)), ['held']);
  assert.deepEqual(gate(looked(REQUESTED_MS + 1)), ['inconclusive']);
  assert.deepEqual(gate(looked(REQUESTED_MS, false)), ['inconclusive']);
  assert.deepEqual(gate([]), []);
  const residue = (entries: readonly Entry[]) =>
    checkResidue.run(readTrial(entries)).map(({ outcome }) => outcome);
  assert.deepEqual(residue(flawless), ['held']);
  assert.deepEqual(residue(without('residue')), ['inconclusive']);
  assert.deepEqual(residue([]), []);
});

describe('a trial is inconclusive when', () => {
  const cases: [string, readonly Entry[], RegExp][] = [
    ['the journal is empty', [], /which trial/],
    ['the harness died', without('trial.ended'), /never closed/],
    ['the journal has no head', without('trial.started'), /which trial/],
    [
      'it was interrupted, and nobody knows why',
      mapEntries(flawless, (entry) =>
        entry.kind === 'trial.ended' ? { ...entry, how: 'interrupted' } : entry,
      ),
      /the trial was interrupted$/,
    ],
    [
      'it was interrupted',
      mapEntries(flawless, (entry) =>
        entry.kind === 'trial.ended' ? { ...entry, how: 'interrupted', error: 'SIGTERM' } : entry,
      ),
      /interrupted: SIGTERM/,
    ],
    [
      'a stop condition of the owner has ended it, whatever its claims say',
      withEntries(without('probe.sample'), [
        at(EFFECTIVE_MS, {
          kind: 'trial.stopped',
          condition: 'burns',
          state: 'true',
          detail: '20 is above 14',
        }),
      ]),
      /ended: the stop condition "burns" holds: 20 is above 14/,
    ],
    [
      'its cluster was lost, and its Prometheus with it',
      mapEntries(without('probe.sample'), (entry) =>
        entry.kind === 'trial.ended' ? { ...entry, how: 'interrupted', error: 'the engine is gone' } : entry,
      ),
      /^the trial was interrupted: the engine is gone/,
    ],
    [
      'its deadline passed',
      mapEntries(flawless, (entry) => (entry.kind === 'trial.ended' ? { ...entry, how: 'deadline' } : entry)),
      /within its deadline of 120 s/,
    ],
    [
      'the scenario threw',
      mapEntries(flawless, (entry) =>
        entry.kind === 'trial.ended' ? { ...entry, how: 'error', error: 'boom' } : entry,
      ),
      /stopped with an error: boom/,
    ],
    [
      'it failed and nobody knows why',
      mapEntries(flawless, (entry) =>
        entry.kind === 'trial.ended' ? { ...entry, how: 'failed', error: 'boom' } : entry,
      ),
      /no check knows: boom/,
    ],
    [
      'its start was unsteady',
      mapEntries(flawless, (entry) =>
        entry.kind === 'gate' ? { ...entry, ok: false, reasons: ['5 of 6 Ready'] } : entry,
      ),
      /not steady: 5 of 6 Ready/,
    ],
    [
      'its start was unsteady for several reasons',
      mapEntries(flawless, (entry) =>
        entry.kind === 'gate' ? { ...entry, ok: false, reasons: ['5 of 6 Ready', 'node-1 is gone'] } : entry,
      ),
      /not steady: 5 of 6 Ready; node-1 is gone/,
    ],
    [
      'its start was unsteady, and nobody says why',
      mapEntries(flawless, (entry) => (entry.kind === 'gate' ? { ...entry, ok: false } : entry)),
      /not steady: no reason given/,
    ],
    [
      'its start was looked at only after the fault',
      withEntries(without('gate'), [at(REQUESTED_MS + 1, { kind: 'gate', ok: true, reasons: [] })]),
      /nobody looked whether the start was steady/,
    ],
    [
      'the scenario threw, and nobody knows what',
      mapEntries(flawless, (entry) => (entry.kind === 'trial.ended' ? { ...entry, how: 'error' } : entry)),
      /stopped with an error: no message/,
    ],
    [
      'several things are left behind',
      mapEntries(flawless, (entry) =>
        entry.kind === 'residue' ? { ...entry, ok: false, items: ['a taint', 'a lease'] } : entry,
      ),
      /left behind: a taint, a lease/,
    ],
    ['nobody looked at its start', without('gate'), /nobody looked whether the start was steady/],
    [
      'the fault did not bite',
      withEntries(without('fault.effective', 'slo.claim'), [
        at(EFFECTIVE_MS + 5_000, {
          kind: 'fault.ineffective',
          injectionId: 'i1',
          waitedMs: 5_000,
          lastSeen: '7 processes',
        }),
      ]),
      /power-off on node-2 did not bite within 5 s; last seen: 7 processes/,
    ],
    ['the fault was never proven', without('fault.effective', 'slo.claim'), /never shown to take effect/],
    [
      'only the injector vouches for the fault',
      mapEntries(flawless, (entry) =>
        entry.kind === 'fault.effective' ? { ...entry, observer: 'injector' } : entry,
      ),
      /injector's own word/,
    ],
    ['the fault found no target', without('fault.resolved'), /never found its targets/],
    [
      'a guard refused the fault',
      mapEntries(without('fault.resolved'), (entry) =>
        entry.kind === 'trial.ended' ? { ...entry, how: 'error', error: 'last-ready-replica: dns' } : entry,
      ),
      /never found its targets: last-ready-replica: dns/,
    ],
    [
      'the fault matched nothing',
      mapEntries(flawless, (entry) => (entry.kind === 'fault.resolved' ? { ...entry, targets: [] } : entry)),
      /matched no target/,
    ],
    [
      'the fault hit no pod',
      mapEntries(flawless, (entry) => (entry.kind === 'fault.resolved' ? { ...entry, podsHit: 0 } : entry)),
      /hit none of the workload's 6 pods/,
    ],
    ['the fault was never undone', without('fault.reverted'), /never undone/],
    [
      'undoing failed',
      mapEntries(flawless, (entry) =>
        entry.kind === 'fault.reverted' ? { ...entry, ok: false, observation: 'still off' } : entry,
      ),
      /was not undone: still off/,
    ],
    [
      'something is left behind',
      mapEntries(flawless, (entry) =>
        entry.kind === 'residue' ? { ...entry, ok: false, items: ['taint on node-1'] } : entry,
      ),
      /left behind: taint on node-1/,
    ],
    ['nobody looked for residue', without('residue'), /nobody looked for what/],
    ['it claims nothing', without('slo.claim'), /claimed nothing/],
    ['no request was sent', without('probe.sample'), /no request/],
    [
      'Unix time stepped',
      withEntries(flawless, [at(EFFECTIVE_MS + 100, { kind: 'clock.step', steppedMs: -400 })]),
      /stepped by -400 ms/,
    ],
    [
      'Unix time stepped unseen',
      mapEntries(flawless, (entry) =>
        entry.monoMs > EFFECTIVE_MS + 9_000 ? { ...entry, wallMs: entry.wallMs + 700 } : entry,
      ),
      /moved by 700 ms against the monotonic clock/,
    ],
    [
      'the effect was seen at two times, by the two clocks',
      mapEntries(synthesise({ claim: { judgedBy: 'probe' } }), (entry) =>
        entry.kind === 'fault.effective'
          ? { ...entry, effectiveWallMs: entry.effectiveWallMs + 3_000 }
          : entry,
      ),
      /Unix time moved by 3 s against the monotonic clock/,
    ],
    [
      'the clock of the probe was another one at the end',
      withEntries(
        flawless,
        [0, 900].map((offsetMs) =>
          at(EFFECTIVE_MS - 9_000 + 50 * offsetMs, {
            kind: 'probe.clock',
            target: 'storefront',
            sameBoot: false,
            offsetMs,
            errorMs: 5,
          }),
        ),
      ),
      /the clock of the probe of storefront moved by 900 ms against ours/,
    ],
    [
      'the machine was restarted',
      mapEntries(flawless, (entry) =>
        entry.kind === 'residue' ? { ...entry, monoMs: 5, wallMs: entry.wallMs } : entry,
      ),
      /monotonic clock of the journal runs backwards/,
    ],
    [
      'the harness was late when the fault took effect',
      withEntries(flawless, [at(EFFECTIVE_MS + 2, { kind: 'harness.lag', lateMs: 280 })]),
      /no CPU when the fault took effect: a timer came 280 ms late/,
    ],
    [
      'the harness stood still',
      withEntries(flawless, [at(EFFECTIVE_MS + 6_000, { kind: 'harness.lag', lateMs: 1_400 })]),
      /the harness had no CPU: a timer came 1\.4 s late/,
    ],
    [
      'the probe was late',
      mapEntries(flawless, (entry) =>
        entry.kind === 'probe.sample' && entry.probeSeq % 18 === 0 ? { ...entry, lateMs: 240 } : entry,
      ),
      /probe of storefront had no CPU/,
    ],
  ];
  for (const [name, entries, reason] of cases) it(name, () => expectVerdict(entries, 'inconclusive', reason));
});

describe('a trial is held in spite of', () => {
  const late = EFFECTIVE_MS + 30_000;
  const cases: [string, readonly Entry[]][] = [
    [
      'a late timer far from any mark',
      withEntries(flawless, [at(EFFECTIVE_MS + 3_000, { kind: 'harness.lag', lateMs: 400 })]),
    ],
    [
      'a standstill after all was decided',
      withEntries(flawless, [at(late, { kind: 'harness.lag', lateMs: 3_000 })]),
    ],
    ['clocks that are slewed', withEntries(flawless, [at(late, { kind: 'clock.step', steppedMs: 20 })])],
  ];
  for (const [name, entries] of cases) it(name, () => expectVerdict(entries, 'held', /restored/));

  it('a start that was looked at when the fault was asked for', () => {
    const gate = at(REQUESTED_MS, { kind: 'gate', ok: true, reasons: [] });
    expectVerdict(withEntries(without('gate'), [gate]), 'held', /restored/);
  });
});

describe('the verdict', () => {
  it('is violated by a plain assertion that failed, also when much else is inconclusive', () => {
    const entries = withEntries(without('residue', 'gate'), [
      at(EFFECTIVE_MS + 9_000, { kind: 'assertion.failed', message: 'expected 6, received 5' }),
    ]);
    expectVerdict(entries, 'violated', /expected 6, received 5/);
  });

  it('of a scenario with plain assertions only is held when it got through', () => {
    const entries = synthesise({ claim: { claim: 'assertion', sloId: 'assertions' } });
    expectVerdict(entries, 'held', /assertions of the scenario passed/);
  });

  it('of a control run that is expected to be violated counts as expected', () => {
    const verdict = judge(
      synthesise({
        outages: [[100, 54_000]],
        lostFromMs: 50_000,
        capacityAtMs: 355_000,
        watchedForMs: 370_000,
        started: { control: true, expected: 'violated', config: { healer: 'off' } },
      }),
    );
    assert.equal(verdict.outcome, 'violated', verdict.reason);
    assert.equal(verdict.asExpected, true);
    assert.ok(verdict.recovery.kind === 'measured' && Math.abs(verdict.recovery.ms - 54_000) <= 540);
    assert.ok(verdict.capacity.kind === 'measured' && Math.abs(verdict.capacity.ms - 355_000) <= 3_550);
  });

  it('of a control run that was violated for want of evidence does not', () => {
    const entries = synthesise({ started: { control: true, expected: 'violated' } });
    assert.equal(judge(entries).asExpected, false);
  });

  it('of a control run is as expected only when the claim that it names was violated, and nothing else', () => {
    const violated = { outages: [[100, 20_000]] } as const;
    const asExpected = (expectedClaim: string | undefined, story: Story, extra: readonly Timed[] = []) => {
      const control = { control: true, expected: 'violated', ...given({ expectedClaim }) } as const;
      return judge(withEntries(synthesise({ ...story, started: control }), extra));
    };
    for (const name of ['available', 'recover-within', 'c1', undefined])
      assert.equal(asExpected(name, violated).asExpected, true, name);
    const other = asExpected('capacity', violated);
    assert.equal(other.asExpected, false);
    assert.match(other.reason, /; only "capacity" was expected to be violated$/);
    const assertion = at(EFFECTIVE_MS + 12_000, { kind: 'assertion.failed', message: 'expected 1 to be 2' });
    for (const name of ['available', undefined])
      assert.equal(asExpected(name, {}, [assertion]).asExpected, false, `${name} held`);
    assert.equal(
      asExpected('available', violated, [assertion]).asExpected,
      false,
      'an assertion failed, too',
    );
  });

  it('of a scenario that failed is explained by its claim where that was not held', () => {
    const failed = (outages: Story['outages']) =>
      judge(
        mapEntries(synthesise(given({ outages })), (entry) =>
          entry.kind === 'trial.ended' ? { ...entry, how: 'failed', error: 'boom' } : entry,
        ),
      ).findings.filter(({ check }) => check === 'ending');
    assert.deepEqual(failed([[100, 20_000]]), []);
    const reason = 'the scenario failed for a reason that no check knows: boom';
    assert.deepEqual(failed(undefined), [{ check: 'ending', outcome: 'inconclusive', reason }]);
  });

  it('tells of claims first, after why they were cut short, and of the journal last', () => {
    const checks = (how: 'finished' | 'interrupted') =>
      judge(
        mapEntries(flawless, (entry) => (entry.kind === 'trial.ended' ? { ...entry, how } : entry)),
      ).findings.map(({ check }) => check);
    assert.deepEqual(checks('finished'), ['recover-within', 'gate', 'fault', 'residue', 'journal']);
    assert.deepEqual(checks('interrupted').slice(0, 2), ['ending', 'recover-within']);
  });

  it('is inconclusive when a check crashes', () => {
    const crashing = {
      name: 'crashing',
      run: () => {
        throw new Error('oops');
      },
    };
    const verdict = judge(flawless, {}, [...CHECKS, crashing]);
    assert.equal(verdict.outcome, 'inconclusive');
    assert.match(verdict.reason, /the check crashing crashed: oops/);
  });

  it('never says how long capacity took when the API had not noticed the loss', () => {
    const verdict = judge(
      synthesise({ lostFromMs: Number.POSITIVE_INFINITY, capacityAtMs: Number.POSITIVE_INFINITY }),
    );
    assert.equal(verdict.capacity.kind, 'unknown');
  });

  it("counts the healer's marks from its own clock when it is the same one", () => {
    const event = (since: number, name: 'detected' | 'decided' | 'acted', subject: string) =>
      at(EFFECTIVE_MS + since + 40, {
        kind: 'healer',
        event: name,
        subject,
        detail: name,
        healerMonoMs: EFFECTIVE_MS + since,
        healerWallMs: EFFECTIVE_MS + since + 1_700_000_000_000,
        pod: 'healer-1',
      });
    const verdict = judge(
      withEntries(flawless, [
        at(REQUESTED_MS - 500, { ...event(0, 'acted', 'Node/node-2') }),
        event(1_600, 'detected', 'Node/node-2'),
        event(1_000, 'detected', 'Node/node-9'),
        event(1_650, 'decided', 'Node/node-2'),
        event(1_700, 'acted', 'Node/node-2'),
      ]),
    );
    const marks = new Map(verdict.marks.map((mark) => [mark.name, mark.monoMs - EFFECTIVE_MS]));
    assert.deepEqual(
      [marks.get('detected'), marks.get('decided'), marks.get('acted')],
      [1_600, 1_650, 1_700],
    );
  });
});

test('a trial without a request of a user, or without a claim, proves nothing, whatever else holds', () => {
  const said = (entries: readonly Entry[]) =>
    checkVacuous.run(readTrial(entries)).map(({ reason }) => reason);
  assert.deepEqual(said(flawless), []);
  assert.deepEqual(said(without('probe.sample')), ['the probe sent no request']);
  assert.deepEqual(said(without('slo.claim')), ['the scenario claimed nothing']);
});
