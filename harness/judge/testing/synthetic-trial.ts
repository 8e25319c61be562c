import type { Entry, EntryBody, SloClaim, TrialStarted } from '../../core/journal/journal.ts';

/** An instant of the synthetic trial's monotonic clock; Unix time is this much ahead. */
export const WALL_AHEAD_MS = 1_700_000_000_000;
/** When the fault of a synthetic trial is requested. */
export const REQUESTED_MS = 100_000;
/** When it takes effect. */
export const EFFECTIVE_MS = 100_020;

const QUERY = 'sum(rate(requests_total{code!~"5.."}[4s])) / sum(rate(requests_total[4s]))';

/** What happened in a trial that was made up for a test; all instants in milliseconds after effective. */
export interface Story {
  /** Users are not served between these. */
  readonly outages?: readonly (readonly [fromMs: number, toMs: number])[];
  /** Share of requests that fail during an outage; 1 when absent. */
  readonly failing?: (index: number) => boolean;
  readonly periodMs?: number;
  readonly watchedForMs?: number;
  /** PromQL says this, otherwise what follows from the outages. */
  readonly promValue?: (sinceEffectiveMs: number) => number | null;
  readonly promReachMs?: number;
  readonly lostFromMs?: number;
  readonly capacityAtMs?: number;
  readonly claim?: Partial<SloClaim>;
  readonly started?: Partial<TrialStarted>;
}

/** A journal in the making: bodies with the instant of their arrival. */
export type Timed = EntryBody & { readonly atMs: number };

/** A complete, flawless journal of one node lost and a claim of 10 s; tests break it in one place. */
export function synthesise(story: Story = {}): Entry[] {
  const watchedForMs = story.watchedForMs ?? 40_000;
  const endMs = EFFECTIVE_MS + watchedForMs;
  return stamped([
    at(REQUESTED_MS - 12_000, startOf(story)),
    at(REQUESTED_MS - 11_900, { kind: 'observer', observer: 'alerts', state: 'started' }),
    at(REQUESTED_MS - 11_900, { kind: 'observer', observer: 'healer', state: 'started' }),
    at(REQUESTED_MS - 11_000, { kind: 'capacity', selector: 'app=storefront', ready: 6, wanted: 6 }),
    at(REQUESTED_MS - 1_000, { kind: 'gate', ok: true, reasons: [] }),
    ...faultOf(),
    at(EFFECTIVE_MS + 30, claimOf(story)),
    ...probeOf(story, endMs),
    ...promOf(story, endMs),
    ...capacityOf(story),
    at(endMs - 1_500, {
      kind: 'fault.reverted',
      injectionId: 'i1',
      ok: true,
      observation: 'machine retired',
      by: 'trial',
    }),
    at(endMs + 1_100, { kind: 'residue', ok: true, items: [] }),
    at(endMs + 1_200, { kind: 'trial.ended', how: 'finished' }),
  ]);
}

export function at(atMs: number, body: EntryBody): Timed {
  return { ...body, atMs };
}

/** In the order of arrival, with stamps. */
function stamped(timed: readonly Timed[]): Entry[] {
  return [...timed]
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ atMs, ...body }, seq) => ({ ...body, seq, monoMs: atMs, wallMs: atMs + WALL_AHEAD_MS }));
}

/** The journal with further entries at their places. */
export function withEntries(entries: readonly Entry[], extra: readonly Timed[]): Entry[] {
  return stamped([...entries.map(unstamped), ...extra]);
}

/** The journal as if some entries had never been written, or others in their places. */
export function mapEntries(entries: readonly Entry[], change: (entry: Entry) => Entry | undefined): Entry[] {
  return entries
    .map(change)
    .filter((entry) => entry !== undefined)
    .map((entry, seq) => ({ ...entry, seq }));
}

function unstamped(entry: Entry): Timed {
  return { ...entry, atMs: entry.monoMs };
}

function startOf(story: Story): TrialStarted {
  return {
    kind: 'trial.started',
    schema: 1,
    trialId: 't1',
    runId: 'r1',
    scenario: 'node-loss',
    title: 'survives the loss of a node',
    seed: 2_944_117,
    runSeed: 7141,
    repeatIndex: 0,
    control: false,
    expected: 'held',
    deadlineMs: 120_000,
    bootId: 'boot',
    cluster: {
      name: 'c1',
      provider: 'synthetic',
      kubernetesVersion: '1.36.3',
      uid: 'u1',
      nodes: [],
      machineProfile: 'bmc',
    },
    config: { healer: 'firedrill' },
    versions: { firedrill: '0.1.0' },
    digests: {},
    deviations: ['scrape interval 1 s instead of 15 s'],
    again: 'npm test -- scenarios/node-loss --seed 7141',
    ...story.started,
  };
}

function faultOf(): Timed[] {
  const target = { kind: 'node', name: 'node-2', uid: 'n2', zone: 'zone-2' } as const;
  return [
    at(REQUESTED_MS, {
      kind: 'fault.requested',
      injectionId: 'i1',
      fault: { kind: 'node.power-off', target: { kind: 'node', hosting: 'app=storefront', mode: 'one' } },
    }),
    at(REQUESTED_MS + 1, {
      kind: 'fault.resolved',
      injectionId: 'i1',
      targets: [target],
      leaderHit: false,
      podsHit: 2,
      podsTotal: 6,
    }),
    at(EFFECTIVE_MS + 5, {
      kind: 'fault.effective',
      injectionId: 'i1',
      observer: 'kubelet',
      observation: 'no process of node-2 runs',
      effectiveMonoMs: EFFECTIVE_MS,
      effectiveWallMs: EFFECTIVE_MS + WALL_AHEAD_MS,
      errorMs: 5,
    }),
  ];
}

function claimOf(story: Story): SloClaim {
  return {
    kind: 'slo.claim',
    claimId: 'c1',
    claim: 'recover-within',
    sloId: 'available',
    query: QUERY,
    bound: { atLeast: 0.99 },
    stableForMs: 5_000,
    withinMs: 10_000,
    injectionId: 'i1',
    ...story.claim,
  };
}

function probeOf(story: Story, endMs: number): Timed[] {
  const periodMs = story.periodMs ?? 50;
  const timed: Timed[] = [];
  let failing = 0;
  for (let probeSeq = 0; ; probeSeq++) {
    const dueMonoMs = REQUESTED_MS - 10_000 + probeSeq * periodMs;
    if (dueMonoMs > endMs) return timed;
    const out = isOut(story, dueMonoMs - EFFECTIVE_MS);
    const ok = !out || story.failing?.(failing++) === false;
    const latencyMs = ok ? 4 : 1_000;
    timed.push(
      at(dueMonoMs + latencyMs + 1, {
        kind: 'probe.sample',
        target: 'storefront',
        probeSeq,
        dueMonoMs,
        ok,
        latencyMs,
        lateMs: 0.5,
        ...(ok ? { status: 200 } : { error: 'time-out' }),
      }),
    );
  }
}

function promOf(story: Story, endMs: number): Timed[] {
  const reachEndMs = endMs + (story.promReachMs ?? 0);
  const points: [number, number | null][] = [];
  for (let monoMs = REQUESTED_MS - 6_000; monoMs <= reachEndMs; monoMs += 1_000) {
    const value = story.promValue?.(monoMs - EFFECTIVE_MS) ?? goodShare(story, monoMs - EFFECTIVE_MS, 4_000);
    points.push([monoMs + WALL_AHEAD_MS, story.promValue?.(monoMs - EFFECTIVE_MS) === null ? null : value]);
  }
  return points.map((point, index) =>
    at(point[0] - WALL_AHEAD_MS + 600, {
      kind: 'promql.series',
      sloId: 'available',
      query: QUERY,
      startWallMs: points[Math.max(0, index - 1)]?.[0] ?? point[0],
      endWallMs: point[0],
      stepMs: 1_000,
      scrapeIntervalMs: 1_000,
      windowMs: 4_000,
      points: [point],
    }),
  );
}

/** What a rate over the window would show, scraped a second ago at worst. */
function goodShare(story: Story, sinceMs: number, windowMs: number): number {
  let out = 0;
  for (let step = 0; step < 100; step++) {
    if (isOut(story, sinceMs - 500 - (step / 100) * windowMs)) out++;
  }
  return 1 - out / 100;
}

function capacityOf(story: Story): Timed[] {
  const lostFromMs = story.lostFromMs ?? 1_700;
  const backMs = story.capacityAtMs ?? 5_600;
  const change = (sinceMs: number, ready: number): Timed =>
    at(EFFECTIVE_MS + sinceMs, { kind: 'capacity', selector: 'app=storefront', ready, wanted: 6 });
  return [
    ...(Number.isFinite(lostFromMs) ? [change(lostFromMs, 4)] : []),
    ...(Number.isFinite(backMs) ? [change(backMs, 6)] : []),
  ];
}

function isOut(story: Story, sinceMs: number): boolean {
  return (story.outages ?? [[100, 3_900]]).some(([fromMs, toMs]) => sinceMs >= fromMs && sinceMs < toMs);
}
