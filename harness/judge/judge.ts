import { messageOf } from '../core/errors.ts';
import { given } from '../core/given.ts';
import type { Entry, EntryOf } from '../core/journal/journal.ts';
import type { JournalProof } from '../core/journal/parse-journal.ts';
import { timelineOf, type Timeline } from '../core/recovery/marks.ts';
import { allTargets, readTrial, type TrialFacts } from '../core/recovery/trial-facts.ts';
import type { Finding, Verdict } from '../core/verdict.ts';
import { decisive, held, inconclusive, type Check } from './check.ts';
import { judgeClaim } from './claims.ts';
import { unmetExpectation } from './expectation.ts';
import { checkFaults } from './fault-checks.ts';
import { checkLateImpact } from './late-impact.ts';
import { checkClocks, checkHarnessLag, checkProbeLateness } from './instrument-checks.ts';
import { checkHealerBounds } from './healer-bounds.ts';
import { findDamage, wellFormedStart } from './journal-damage.ts';
import {
  checkAssertions,
  checkEnding,
  checkGate,
  checkResidue,
  checkStopped,
  checkVacuous,
} from './trial-checks.ts';

/** In the order in which their findings are told; claims come before all of them but the first. */
export const CHECKS: readonly Check[] = [
  // Claims were cut short by it, and know nothing of the reason.
  checkStopped,
  checkAssertions,
  checkGate,
  checkFaults,
  // What was cut short claims little; that it was cut short is the reason to be told.
  checkEnding,
  checkVacuous,
  checkLateImpact,
  checkClocks,
  checkHarnessLag,
  checkProbeLateness,
  checkResidue,
  checkHealerBounds,
];

/**
 * The verdict of a trial: a pure function of its journal, also of one that was torn off. `violated` outranks
 * `inconclusive`, which outranks `held`; of a journal that contradicts itself nothing is judged but that.
 *
 * @param proof what reading its file has shown besides the entries
 */
export function judge(
  entries: readonly Entry[],
  proof: JournalProof = {},
  checks: readonly Check[] = CHECKS,
): Verdict {
  const damage = findDamage(entries, proof);
  if (damage !== undefined) return unjudged(entries, `line ${damage.line} of the journal: ${damage.reason}`);
  try {
    return judgeFacts(readTrial(entries), proof, checks);
  } catch (thrown) {
    return unjudged(entries, `the journal could not be read: ${messageOf(thrown)}`);
  }
}

function judgeFacts(facts: TrialFacts, { digest }: JournalProof, checks: readonly Check[]): Verdict {
  const claims = facts.claims.map(
    (claim) => judgeClaim(facts, claim, Number.POSITIVE_INFINITY) ?? undecided(claim.claim),
  );
  const told = checks.flatMap((check) => runCheck(check, facts));
  const isFirst = ({ check }: Finding): boolean => cutShortBy(facts).includes(check);
  const known = [...told.filter(isFirst), ...claims, ...told.filter((one) => !isFirst(one))];
  const findings = [...known, ...unexplainedFailure(facts, known), wholeness(facts, digest)];
  const deciding = decisive(findings) ?? inconclusive('vacuous', 'the journal holds nothing to judge');
  return {
    ...head(facts.started),
    ...given({ journalDigest: digest }),
    ...timeline(facts),
    ...body(facts, findings, deciding),
  };
}

function wholeness({ entries }: TrialFacts, digest: string | undefined): Finding {
  const whole = `its ${entries.length} lines are whole and in order`;
  return held(
    'journal',
    digest === undefined
      ? `${whole}, and carry no digests, so that one that was rewritten would not show`
      : `${whole}; the last digest is ${digest}`,
  );
}

/** A trial that was meant to be inconclusive is not as expected either where its journal is no proof of anything. */
function unjudged(entries: readonly Entry[], reason: string): Verdict {
  const started = wellFormedStart(entries[0]);
  const samples = entries.filter((entry) => entry.kind === 'probe.sample');
  return {
    ...head(started),
    marks: [],
    recovery: { kind: 'unknown', reason },
    capacity: { kind: 'unknown', reason },
    outcome: 'inconclusive',
    expected: started?.expected ?? 'held',
    asExpected: false,
    reason,
    requests: { total: samples.length, failed: samples.filter((sample) => !sample.ok).length },
    findings: [inconclusive('journal', reason)],
    targets: [],
  };
}

/** Findings that say why claims have no data: a cluster that was lost took its Prometheus with it. */
function cutShortBy({ ended }: TrialFacts): readonly string[] {
  return [checkStopped.name, ...(ended?.how === 'interrupted' ? [checkEnding.name] : [])];
}

/** The finding of one claim while the trial runs; undefined: not decided yet, ask again when there is more. */
export function findingOf(
  entries: readonly Entry[],
  claimId: string,
  nowMonoMs: number,
): Finding | undefined {
  const facts = readTrial(entries);
  const claim = facts.claims.find((one) => one.claimId === claimId);
  if (claim === undefined) return inconclusive('claim', `the journal holds no claim "${claimId}"`);
  return judgeClaim(facts, claim, nowMonoMs);
}

function runCheck(check: Check, facts: TrialFacts): Finding[] {
  try {
    return check.run(facts);
  } catch (thrown) {
    return [inconclusive(check.name, `the check ${check.name} crashed: ${messageOf(thrown)}`)];
  }
}

function undecided(claim: string): Finding {
  return inconclusive(claim, 'the trial ended before this claim was decided');
}

/** A scenario that failed while every claim held: something threw that the journal does not know. */
function unexplainedFailure(facts: TrialFacts, findings: readonly Finding[]): Finding[] {
  if (facts.ended?.how !== 'failed') return [];
  if (findings.some((finding) => finding.outcome !== 'held')) return [];
  return [
    inconclusive(
      'ending',
      `the scenario failed for a reason that no check knows: ${facts.ended.error ?? 'no message'}`,
    ),
  ];
}

function timeline(facts: TrialFacts): Timeline {
  try {
    return timelineOf(facts);
  } catch (thrown) {
    const unknown = {
      kind: 'unknown',
      reason: `the timeline could not be read: ${messageOf(thrown)}`,
    } as const;
    return { marks: [], recovery: unknown, capacity: unknown };
  }
}

type Head = Pick<
  Verdict,
  | 'schema'
  | 'trialId'
  | 'runId'
  | 'scenario'
  | 'title'
  | 'seed'
  | 'runSeed'
  | 'control'
  | 'cluster'
  | 'versions'
  | 'digests'
  | 'deviations'
  | 'again'
>;

function head(started: EntryOf<'trial.started'> | undefined): Head {
  return {
    schema: 2,
    trialId: started?.trialId ?? 'unknown',
    runId: started?.runId ?? 'unknown',
    scenario: started?.scenario ?? 'unknown',
    title: started?.title ?? 'unknown',
    seed: started?.seed ?? 0,
    ...given({ runSeed: started?.runSeed }),
    control: started?.control ?? false,
    cluster: {
      name: started?.cluster.name ?? 'unknown',
      provider: started?.cluster.provider ?? 'unknown',
      kubernetesVersion: started?.cluster.kubernetesVersion ?? 'unknown',
      uid: started?.cluster.uid ?? 'unknown',
    },
    versions: started?.versions ?? {},
    digests: started?.digests ?? {},
    deviations: started?.deviations ?? [],
    again: started?.again ?? '',
  };
}

type Body = Pick<
  Verdict,
  'outcome' | 'expected' | 'asExpected' | 'reason' | 'requests' | 'findings' | 'targets'
>;

function body(facts: TrialFacts, findings: readonly Finding[], deciding: Finding): Body {
  const expected = facts.started?.expected ?? 'held';
  const unmet = unmetExpectation(facts.started, deciding.outcome, findings);
  const samples = facts.traces.flatMap((trace) => trace.samples);
  return {
    outcome: deciding.outcome,
    expected,
    asExpected: unmet === undefined,
    reason:
      deciding.outcome === expected && unmet !== undefined ? `${deciding.reason}; ${unmet}` : deciding.reason,
    requests: { total: samples.length, failed: samples.filter((sample) => !sample.ok).length },
    findings,
    targets: allTargets(facts),
  };
}
