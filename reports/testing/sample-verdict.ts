import type {
  Duration,
  Finding,
  Mark,
  Measured,
  MarkName,
  Outcome,
  Verdict,
} from '../../harness/core/verdict.ts';
import { given } from '../../harness/core/given.ts';
import { monoOf, wallOf, type SampleShape, type Story } from './sample-shape.ts';

const OUTCOMES: Readonly<Record<SampleShape, Outcome>> = {
  held: 'held',
  'no-impact': 'held',
  violated: 'violated',
  censored: 'violated',
  inconclusive: 'inconclusive',
};

/** The verdict that the judge would give of a story. */
export function sampleVerdict(story: Story): Verdict {
  const { options } = story;
  const outcome = OUTCOMES[options.shape];
  const expected = options.shape === 'violated' ? 'violated' : 'held';
  const recovery = recoveryOf(story);
  const findings = findingsOf(story, outcome, recovery);
  return {
    schema: 2,
    trialId: options.trialId,
    runId: '20261122-103000',
    scenario: options.scenario,
    title: options.title,
    outcome,
    expected,
    asExpected: outcome === expected,
    reason: (findings.find((finding) => finding.outcome === outcome) ?? findings[0])?.reason ?? '',
    marks: marksOf(story),
    recovery,
    capacity: capacityOf(story),
    requests: requestsOf(story),
    findings,
    seed: options.seed,
    runSeed: options.seed,
    control: expected === 'violated',
    targets: [{ kind: 'node', name: `${options.namePrefix}node-2`, uid: 'uid-node-2', zone: 'zone-2' }],
    cluster: { name: 'run-20261122', provider: 'embedded', kubernetesVersion: 'v1.36.3', uid: '0b5f2c1e' },
    versions: { kubernetes: 'v1.36.3', prometheus: 'v3.11.0', firedrill: '0.1.0' },
    digests: { storefront: 'sha256:4f1c' },
    deviations: ['drill profile: scrape interval 1 s instead of 15 s'],
    again: `npm test -- scenarios/${options.scenario} --seed ${options.seed}`,
  };
}

/** A duration with a bracket around it. */
export function measuredAs(ms: number, beforeMs = 20, afterMs = 20): Measured {
  return { kind: 'measured', ms, lowMs: ms - beforeMs, highMs: ms + afterMs };
}

function recoveryOf({ options, impact }: Story): Duration {
  if (options.shape === 'inconclusive') return { kind: 'unknown', reason: 'the fault did not bite' };
  if (!impact) return { kind: 'no-impact' };
  if (options.shape === 'censored') return { kind: 'censored', atLeastMs: 120_000 };
  return measuredAs(impact.toMs, 60, 390);
}

function capacityOf({ options, capacityMs }: Story): Duration {
  if (capacityMs !== undefined) return measuredAs(capacityMs);
  if (options.shape === 'censored') return { kind: 'censored', atLeastMs: 123_000 };
  return { kind: 'unknown', reason: 'the fault did not bite' };
}

function findingsOf({ options }: Story, outcome: Outcome, recovery: Duration): Finding[] {
  const claim = { claimId: 'claim-1', sloId: 'available', allowed: 10_000, unit: 'ms' };
  const measured = recovery.kind === 'measured' ? { measured: recovery.ms } : {};
  switch (options.shape) {
    case 'held':
    case 'violated':
      return [
        {
          check: 'recovery.probe',
          outcome,
          reason: `restored ${reasonMs(recovery)} after the fault took effect, allowed 10 s`,
          ...claim,
          ...measured,
        },
        {
          check: 'recovery.promql',
          outcome,
          reason: "the SLO's own query agrees with the probe",
          ...claim,
          ...measured,
        },
        {
          check: 'fault.effective',
          outcome: 'held',
          reason: 'connection refused, seen by the kubelet probe 0.02 s after the request',
        },
      ];
    case 'no-impact':
      return [
        { check: 'recovery.probe', outcome, reason: 'no SLI left its bound: no user impact', ...claim },
      ];
    case 'censored':
      return [
        { check: 'recovery.probe', outcome, reason: 'not recovered within 120 s, allowed 10 s', ...claim },
      ];
    case 'inconclusive':
      return [
        {
          check: 'fault.effective',
          outcome,
          reason: 'the fault was not seen to take effect within 5 s: kubelet answers 401',
        },
        { check: 'recovery.promql', outcome, reason: 'no data: the query returned no series', ...claim },
      ];
  }
}

function reasonMs(recovery: Duration): string {
  return recovery.kind === 'measured' ? `${(recovery.ms / 1000).toFixed(1)} s` : 'never';
}

function marksOf(story: Story): Mark[] {
  const { healer, impact, options } = story;
  const mark = (
    name: MarkName,
    atMs: number | undefined,
    [beforeMs, afterMs]: readonly [number, number],
    seenBy: string,
    detail?: string,
  ): Mark[] =>
    atMs === undefined
      ? []
      : [
          {
            name,
            monoMs: monoOf(atMs),
            wallMs: wallOf(atMs),
            beforeMs,
            afterMs,
            seenBy,
            ...given({ detail }),
          },
        ];
  const hasBitten = options.shape !== 'inconclusive';
  return [
    ...mark('requested', story.requestedMs, [0, 0], 'harness'),
    ...mark('effective', hasBitten ? 0 : undefined, [10, 10], 'api'),
    ...mark('detected', healer?.detectedMs, [5, 5], 'healer', 'machine is off, kubelet silent'),
    ...mark('decided', healer?.decidedMs, [5, 5], 'healer', 'guard passed'),
    ...mark('acted', healer?.actedMs, [5, 5], 'healer', 'Cordon: cordoned, phase fencing'),
    ...mark('restored', options.shape === 'censored' ? undefined : impact?.toMs, [60, 390], 'probe'),
    ...mark('capacity', story.capacityMs, [20, 20], 'watch'),
    ...mark('reverted', story.revertedMs, [100, 100], 'supervisor'),
  ];
}

function requestsOf({ requestedMs, endMs, impact }: Story): Verdict['requests'] {
  const total = Math.ceil((endMs - requestedMs + 8000) / 50);
  return { total, failed: impact ? Math.round(((impact.toMs - impact.fromMs) / 50) * 0.36) : 0 };
}
