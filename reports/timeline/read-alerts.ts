import { entriesOf, type Entry, type EntryOf } from '../../harness/core/journal/journal.ts';
import { atMono, atWall, type Frame } from '../facts/frame.ts';
import type { AlertReading, AlertRow } from './picture.ts';

type Stretch = AlertRow['stretches'][number];

/**
 * One row per alert's name that fired: firing while any of its instances fires, pending while one is that fires later.
 * An alert is drawn as Prometheus saw it, with the moments when the receiver got it on top.
 */
export function readAlerts(
  entries: readonly Entry[],
  frame: Frame,
  fromMs: number,
  toMs: number,
): AlertReading {
  const rows: AlertRow[] = [];
  const constant: string[] = [];
  const onlyPending: string[] = [];
  for (const [name, alerts] of Map.groupBy(entriesOf(entries, 'alert'), (alert) => alert.name)) {
    const seen = alerts.filter((alert) => alert.source === 'prometheus');
    const instances = [...Map.groupBy(seen.length > 0 ? seen : alerts, identity).values()];
    const stretches = merged(instances.flatMap((instance) => instanceStretches(instance, frame, toMs)));
    const visible = stretches.filter((one) => one.toMs >= fromMs && one.fromMs <= toMs);
    if (visible.some((one) => one.state === 'firing' && one.fromMs <= fromMs && one.toMs >= toMs)) {
      constant.push(name);
    } else if (visible.length > 0) {
      const received = alerts.filter((alert) => alert.source === 'receiver');
      const receivedMs = received.map((alert) => atMono(frame, alert.monoMs));
      rows.push({ label: labelOf(name, instances), stretches: visible, receivedMs });
    } else if (seen.some((alert) => isWithin(startOf(alert, frame), fromMs, toMs))) {
      onlyPending.push(name);
    }
  }
  return {
    rows: rows.toSorted((left, right) => firstFired(left) - firstFired(right)),
    constant,
    onlyPending,
  };
}

function isWithin(atMs: number, fromMs: number, toMs: number): boolean {
  return atMs >= fromMs && atMs <= toMs;
}

function identity(alert: EntryOf<'alert'>): string {
  return JSON.stringify(Object.entries(alert.labels).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

/** How much later than it began a pending alert may be seen; a start further back is that of an older one. */
const POLL_SLACK_MS = 3_000;

function startOf(alert: EntryOf<'alert'>, frame: Frame): number {
  const seenMs = atMono(frame, alert.monoMs);
  if (alert.state !== 'pending' || alert.startsAtWallMs === undefined) return seenMs;
  const startMs = atWall(frame, alert.startsAtWallMs);
  return startMs <= seenMs && seenMs - startMs <= POLL_SLACK_MS ? startMs : seenMs;
}

function instanceStretches(alerts: readonly EntryOf<'alert'>[], frame: Frame, endMs: number): Stretch[] {
  const found: { state: Stretch['state']; fromMs: number; toMs: number }[] = [];
  for (const alert of alerts) {
    const atMs = startOf(alert, frame);
    const open = found.at(-1);
    if (open?.toMs === Infinity) {
      if (open.state === alert.state) continue;
      open.toMs = atMs;
    }
    if (alert.state !== 'resolved') found.push({ state: alert.state, fromMs: atMs, toMs: Infinity });
  }
  const known = found.filter((one) => one.state === 'firing' || one.toMs !== Infinity);
  return known.map((one) => ({
    ...one,
    toMs: one.toMs === Infinity ? Math.max(endMs, one.fromMs) : one.toMs,
  }));
}

/** Stretches of several instances as one row: where they overlap, firing outranks pending. */
function merged(stretches: readonly Stretch[]): Stretch[] {
  const edges = [...new Set(stretches.flatMap((one) => [one.fromMs, one.toMs]))].toSorted(
    (left, right) => left - right,
  );
  const rows: { state: Stretch['state']; fromMs: number; toMs: number }[] = [];
  for (const [index, fromMs] of edges.entries()) {
    const toMs = edges[index + 1];
    if (toMs === undefined) break;
    const states = stretches
      .filter((one) => one.fromMs <= fromMs && one.toMs >= toMs)
      .map((one) => one.state);
    if (states.length === 0) continue;
    const state = states.includes('firing') ? 'firing' : 'pending';
    const before = rows.at(-1);
    if (before?.state === state && before.toMs === fromMs) before.toMs = toMs;
    else rows.push({ state, fromMs, toMs });
  }
  return rows;
}

const SUBJECT_LABELS = ['node', 'pod', 'deployment'];

function labelOf(name: string, instances: readonly (readonly EntryOf<'alert'>[])[]): string {
  if (instances.length > 1) return `${name} (${instances.length})`;
  const labels = instances[0]?.[0]?.labels ?? {};
  const subject = SUBJECT_LABELS.find((label) => labels[label] !== undefined);
  return subject === undefined ? name : `${name} ${labels[subject] ?? ''}`;
}

function firstFired(row: AlertRow): number {
  return row.stretches.find((one) => one.state === 'firing')?.fromMs ?? Infinity;
}
