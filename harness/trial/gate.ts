import type { Clock } from '../core/clock.ts';
import { formatDuration } from '../core/duration.ts';
import type { Entry } from '../core/journal/journal.ts';
import { insideBound, type Slo } from '../core/slo/slo.ts';
import { describeStop, type StopReading } from '../core/owner/stop-condition.ts';

/** What the gate looks at besides the journal. */
export interface GateView {
  readonly nodes: readonly {
    readonly name: string;
    readonly ready: boolean;
    readonly schedulable: boolean;
  }[];
  /** What earlier trials left behind. */
  readonly residue: readonly string[];
  /** Why nobody would clean up in our place now; absent: somebody would, or nobody has to. */
  readonly reaperMissing?: string;
  /** The owner's stop conditions, each as it was just read. */
  readonly stops: readonly StopReading[];
}

export interface GateSettings {
  /** The users' SLI has to be inside its bound for so long. */
  readonly steadyForMs: number;
  /** The share of good probe requests that counts as steady. */
  readonly goodShare: number;
  readonly probeIntervalMs: number;
  /** Replicas have to be Ready to the last one; off where the workload has no capacity selector. */
  readonly capacity: boolean;
  /** Objectives that have to hold by PromQL, over the range that their queries look back and for `steadyForMs`. */
  readonly objectives: readonly Slo[];
}

/** A sample that is due for longer has ended, or never will: the probe's own limit is 1 s. */
const SAMPLES_UNDER_WAY_MS = 1_200;

/** Why nothing may be injected now; empty: the start is steady. */
export function gateReasons(
  view: GateView,
  entries: readonly Entry[],
  nowMonoMs: number,
  settings: GateSettings,
): readonly string[] {
  return [
    ...view.residue.map((item) => `residue of an earlier trial: ${item}`),
    ...view.nodes.filter((node) => !node.ready).map((node) => `node ${node.name} is not Ready`),
    ...view.nodes
      .filter((node) => node.ready && !node.schedulable)
      .map((node) => `node ${node.name} is cordoned`),
    ...(view.reaperMissing === undefined ? [] : [`the reaper is not ready: ${view.reaperMissing}`]),
    ...view.stops.flatMap(({ name, state, detail }) =>
      state === 'clear' ? [] : [describeStop({ condition: name, state, detail })],
    ),
    ...(settings.capacity ? capacityReasons(entries) : []),
    ...steadyReasons(entries, nowMonoMs, settings),
    ...settings.objectives.flatMap((objective) => objectiveReasons(objective, entries, settings)),
  ];
}

/** The newest answers have to be good; how old they may be is told by the step of the query. */
function objectiveReasons(
  objective: Slo,
  entries: readonly Entry[],
  settings: GateSettings,
): readonly string[] {
  const name = objective.name ?? objective.id;
  const answers = entries.filter((entry) => entry.kind === 'promql.series' && entry.sloId === objective.id);
  const last = answers.at(-1);
  if (last?.kind !== 'promql.series') return [`${name} was not asked of Prometheus yet`];
  if (last.problem !== undefined) return [`${name}: ${last.problem.message}`];
  const points = answers.flatMap((entry) => (entry.kind === 'promql.series' ? entry.points : []));
  const newestWallMs = points.at(-1)?.[0] ?? 0;
  const spanMs = Math.max(settings.steadyForMs, last.windowMs);
  const recent = points.filter(([wallMs]) => wallMs > newestWallMs - spanMs);
  const good = recent.filter(([, value]) => value !== null && insideBound(value, objective.bound));
  const wanted = Math.floor(spanMs / last.stepMs);
  if (good.length >= wanted && good.length === recent.length) return [];
  const asked = Math.max(wanted, recent.length);
  return [`${name} holds at ${good.length} of the last ${asked} scrapes, not at all of them`];
}

function capacityReasons(entries: readonly Entry[]): readonly string[] {
  const last = entries.findLast((entry) => entry.kind === 'capacity');
  if (last === undefined) return ['the number of ready replicas is not known yet'];
  if (last.wanted > 0 && last.ready === last.wanted) return [];
  return [`${last.ready} of ${last.wanted} replicas are Ready (${last.selector})`];
}

function steadyReasons(
  entries: readonly Entry[],
  nowMonoMs: number,
  settings: GateSettings,
): readonly string[] {
  const until = answeredUntil(entries, nowMonoMs, settings.probeIntervalMs);
  const from = until - settings.steadyForMs;
  const samples = entries.filter(
    (entry) => entry.kind === 'probe.sample' && entry.dueMonoMs >= from && entry.dueMonoMs < until,
  );
  const expected = Math.floor(settings.steadyForMs / settings.probeIntervalMs);
  // One sample may lie on either edge of the window.
  if (samples.length < expected - 1)
    return [
      `the probe has ${samples.length} of ${expected} samples of the last ${formatDuration(settings.steadyForMs)}`,
    ];
  const good = samples.filter((entry) => entry.kind === 'probe.sample' && entry.ok).length;
  if (good >= settings.goodShare * samples.length) return [];
  return [
    `users are not served: ${samples.length - good} of ${samples.length} requests of the last ` +
      `${formatDuration(settings.steadyForMs)} failed`,
  ];
}

/** The instant before which every sample that was due has its answer; at the latest the one by which it had to have it. */
function answeredUntil(entries: readonly Entry[], nowMonoMs: number, intervalMs: number): number {
  const endedMonoMs = nowMonoMs - SAMPLES_UNDER_WAY_MS;
  const due = entries
    .flatMap((entry) =>
      entry.kind === 'probe.sample' && entry.dueMonoMs >= endedMonoMs ? [entry.dueMonoMs] : [],
    )
    .toSorted((a, b) => a - b);
  let until = endedMonoMs;
  for (const dueMonoMs of due) {
    // One in between is still under way; due instants are sums of fractions, so nearly an interval is one.
    if (dueMonoMs > until + 0.99 * intervalMs) break;
    until = dueMonoMs + intervalMs;
  }
  return until;
}

interface GateAnswer {
  readonly ok: boolean;
  /** The reasons of the last look, where it is not. */
  readonly reasons: readonly string[];
}

/** Looks until there is no reason left, or the time is over. */
export async function waitAtGate(
  look: () => Promise<readonly string[]>,
  options: {
    readonly withinMs: number;
    readonly everyMs: number;
    readonly clock: Clock;
    readonly signal: AbortSignal;
    readonly onWaiting?: (reasons: readonly string[]) => void;
  },
): Promise<GateAnswer> {
  const { clock, signal } = options;
  const endMonoMs = clock.now().monoMs + options.withinMs;
  for (;;) {
    const reasons = await look();
    if (reasons.length === 0) return { ok: true, reasons };
    if (clock.now().monoMs >= endMonoMs) return { ok: false, reasons };
    options.onWaiting?.(reasons);
    await clock.sleep(options.everyMs, signal);
  }
}
