import type { Entry, EntryOf } from '../../harness/core/journal.ts';
import { entriesOf } from '../../harness/core/journal.ts';
import { atMono } from '../facts/frame.ts';
import type { Frame } from '../facts/frame.ts';
import type { AlertRow } from './model.ts';

/** One row per alert and set of labels; it is drawn as Prometheus saw it, with what the receiver got on top. */
export function readAlerts(entries: readonly Entry[], frame: Frame, endMs: number): AlertRow[] {
  const groups = Map.groupBy(entriesOf(entries, 'alert'), (alert) =>
    `${alert.name} ${subjectOf(alert)}`.trim(),
  );
  return [...groups].map(([label, alerts]) => {
    const seen = alerts.filter((alert) => alert.source === 'prometheus');
    return {
      label,
      stretches: stretches(seen.length > 0 ? seen : alerts, frame, endMs),
      receivedMs: alerts
        .filter((alert) => alert.source === 'receiver')
        .map((alert) => atMono(frame, alert.monoMs)),
    };
  });
}

function stretches(alerts: readonly EntryOf<'alert'>[], frame: Frame, endMs: number): AlertRow['stretches'] {
  const found: { state: 'pending' | 'firing'; fromMs: number; toMs: number }[] = [];
  for (const alert of alerts) {
    const atMs = atMono(frame, alert.monoMs);
    const open = found.at(-1);
    if (open?.toMs === Infinity) {
      if (open.state === alert.state) continue;
      open.toMs = atMs;
    }
    if (alert.state !== 'resolved') found.push({ state: alert.state, fromMs: atMs, toMs: Infinity });
  }
  return found.map((one) => ({
    ...one,
    toMs: one.toMs === Infinity ? Math.max(endMs, one.fromMs) : one.toMs,
  }));
}

const SUBJECT_LABELS = ['node', 'pod', 'deployment', 'service', 'namespace', 'slo'];

function subjectOf(alert: EntryOf<'alert'>): string {
  const label = SUBJECT_LABELS.find((name) => alert.labels[name] !== undefined);
  return label === undefined ? '' : (alert.labels[label] ?? '');
}
