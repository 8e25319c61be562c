import { entriesOf, type EntryOf } from '../core/journal/journal.ts';
import { ALERT_RULE } from '../core/recovery/sight.ts';
import type { TrialFacts } from '../core/recovery/trial-facts.ts';
import type { Claim } from './check.ts';

export type Alert = EntryOf<'alert'>;

/** The events of the alerts that a claim is about, in order. */
export function alertsOf(facts: TrialFacts, claim: Claim): Alert[] {
  const subject = claim.subject;
  const name = nameOf(claim);
  const labels = subject !== undefined && 'alert' in subject ? (subject.labels ?? {}) : {};
  // The receiver hears of the same alert later, and of its end later still: Prometheus itself counts, where it was seen.
  return entriesOf(facts.entries, 'alert').filter(
    (event) =>
      event.source === 'prometheus' &&
      (name === '*' ? event.labels['severity'] !== 'none' : event.name === name) &&
      Object.entries(labels).every(([label, value]) => event.labels[label] === value),
  );
}

/** What the alert of a claim is called; `*` for all but those that always fire (severity none). */
export function nameOf(claim: Claim): string {
  return claim.subject !== undefined && 'alert' in claim.subject ? claim.subject.alert : claim.sloId;
}

/** Who has to be looking for the silence of an alert to mean something. */
export function alertWitnesses(claim: Claim): readonly string[] {
  return ['alerts', `${ALERT_RULE}${nameOf(claim)}`];
}

/** Identities of those that were firing at an instant. */
export function firingAt(events: readonly Alert[], monoMs: number): Set<string> {
  const firing = new Set<string>();
  for (const event of events) {
    if (event.monoMs > monoMs) break;
    if (event.state === 'firing') firing.add(identity(event));
    else if (event.state === 'resolved') firing.delete(identity(event));
  }
  return firing;
}

/** Alerts are asked for once a second: one that is seen may be this much older, and one that is due may come this late. */
export const POLL_MS = 1_000;

/** The moment after which an alert has begun to fire: when it was last seen not to, or, where that is later, began to be pending. */
export function firedAfter(events: readonly Alert[], alert: Alert): number {
  const { monoMs, wallMs, startsAtWallMs = -Infinity } = alert;
  const pending = events.findLast(
    (event) => event.state === 'pending' && event.monoMs < monoMs && identity(event) === identity(alert),
  );
  return Math.max(
    monoMs - POLL_MS,
    pending?.monoMs ?? -Infinity,
    monoMs - Math.max(0, wallMs - startsAtWallMs),
  );
}

/** Two events of one alert have the same identity. */
export function identity(event: Alert): string {
  const labels = Object.entries(event.labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([event.source, event.name, labels]);
}
