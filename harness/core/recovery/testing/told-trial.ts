import { given } from '../../given.ts';
import type { Entry, EntryBody } from '../../journal/journal.ts';
import { readTrial, type TrialFacts } from '../trial-facts.ts';

/** Unix time is this much ahead of the monotonic clock of a trial that is told here. */
export const WALL_AHEAD_MS = 1_700_000_000_000;

/** An entry with the instant of its arrival, in milliseconds of the monotonic clock. */
export type Told = readonly [atMs: number, body: EntryBody];

/** A trial whose journal holds just this, in the order of arrival. */
export function trialOf(...told: readonly Told[]): TrialFacts {
  const entries = told
    .toSorted(([a], [b]) => a - b)
    .map(([monoMs, body], seq): Entry => ({ ...body, seq, monoMs, wallMs: monoMs + WALL_AHEAD_MS }));
  return readTrial(entries);
}

interface FaultStory {
  readonly id?: string;
  readonly requestedMs: number;
  readonly effectiveMs?: number;
  readonly errorMs?: number;
  readonly podsHit?: number;
}

/** A node that is powered off, and by what it was shown. */
export function powerOff({
  id = 'i1',
  requestedMs,
  effectiveMs,
  errorMs = 0,
  podsHit = 2,
}: FaultStory): Told[] {
  const target = { kind: 'node', name: 'node-2', uid: 'n2' } as const;
  const fault = { kind: 'node.power-off', target: { kind: 'node', mode: 'one' } } as const;
  const resolved = { targets: [target], leaderHit: false, podsHit, podsTotal: 6 };
  const told: Told[] = [
    [requestedMs, { kind: 'fault.requested', injectionId: id, fault }],
    [requestedMs, { kind: 'fault.resolved', injectionId: id, ...resolved }],
  ];
  if (effectiveMs === undefined) return told;
  const instant = { effectiveMonoMs: effectiveMs, effectiveWallMs: effectiveMs + WALL_AHEAD_MS, errorMs };
  const seen = { observer: 'kubelet', observation: 'no process runs' };
  return [...told, [effectiveMs, { kind: 'fault.effective', injectionId: id, ...seen, ...instant }]];
}

/** A request every 50 ms from one instant to another, each good or bad by when it is due. */
export function requests(
  fromMs: number,
  toMs: number,
  isOk: (dueMs: number) => boolean = () => true,
  target = 'shop',
): Told[] {
  const count = Math.floor((toMs - fromMs) / 50) + 1;
  return Array.from({ length: count }, (_, probeSeq): Told => {
    const dueMonoMs = fromMs + 50 * probeSeq;
    const ok = isOk(dueMonoMs);
    const sample = { target, probeSeq, dueMonoMs, ok, latencyMs: 2, lateMs: 0 };
    return [
      dueMonoMs + 2,
      given({
        kind: 'probe.sample',
        ...sample,
        status: ok ? 200 : undefined,
        error: ok ? undefined : 'refused',
      }),
    ];
  });
}

/** So many replicas of a workload are Ready. */
export function replicas(atMs: number, ready: number, wanted = 6, selector = 'app=shop'): Told {
  return [atMs, { kind: 'capacity', selector, ready, wanted }];
}
