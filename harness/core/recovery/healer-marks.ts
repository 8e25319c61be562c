import { entriesOf, type EntryOf } from '../journal/journal.ts';
import { stampMark, within } from './mark-stamp.ts';
import type { InjectionFacts, TrialFacts } from './trial-facts.ts';
import type { Mark } from '../verdict.ts';

/** Two clocks whose distance to Unix time differs by less than this are the same CLOCK_MONOTONIC. */
const SAME_BOOT_MS = 1_000;
const TOUCHED: ReadonlySet<string> = new Set(['nodes', 'pods', 'pods/eviction']);
const WRITES = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/**
 * Detected, decided and acted as the healer's own audit says; for a healer that keeps none, detected is the first
 * alert that fires and acted the first write of its user in the API's audit log. What nobody saw has no mark.
 */
export function healerMarks(facts: TrialFacts, injection: InjectionFacts): (Mark | undefined)[] {
  const fromMs = injection.requestedMonoMs;
  const events = entriesOf(facts.entries, 'healer').filter(
    (event) => event.monoMs >= fromMs && event.wouldDo !== true,
  );
  const names = (injection.resolved?.targets ?? []).map((target) => target.name);
  const first = (...kinds: EntryOf<'healer'>['event'][]): Mark | undefined => {
    const candidates = events.filter((event) => kinds.includes(event.event));
    const about = candidates.filter((event) => names.some((name) => event.subject.includes(name)));
    const marks = (about.length > 0 ? about : candidates).map((event) =>
      healerMark(kinds[0] === 'decided' ? 'decided' : kinds[0] === 'acted' ? 'acted' : 'detected', event),
    );
    return marks.filter((mark) => mark.monoMs >= fromMs).sort((a, b) => a.monoMs - b.monoMs)[0];
  };
  return [
    first('detected') ?? alertMark(facts, fromMs),
    first('decided'),
    first('acted') ?? auditMark(facts, fromMs),
  ];
}

function healerMark(name: 'detected' | 'decided' | 'acted', event: EntryOf<'healer'>): Mark {
  const here = event.wallMs - event.monoMs;
  const there = event.healerWallMs - event.healerMonoMs;
  const detail = event.detail;
  if (Math.abs(here - there) < SAME_BOOT_MS) {
    return {
      name,
      monoMs: event.healerMonoMs,
      wallMs: event.healerMonoMs + here,
      ...within(1),
      seenBy: 'healer',
      detail,
    };
  }
  // A healer on another machine has only its wall clock to go by, and the event cannot be later than its arrival.
  const mapped = Math.min(event.healerWallMs - here, event.monoMs);
  return {
    name,
    monoMs: mapped,
    wallMs: mapped + here,
    ...within(Math.max(SAME_BOOT_MS, event.monoMs - mapped)),
    seenBy: 'healer',
    detail,
  };
}

function alertMark(facts: TrialFacts, fromMs: number): Mark | undefined {
  const alert = entriesOf(facts.entries, 'alert').find(
    (event) => event.state === 'firing' && event.monoMs >= fromMs && startMonoMs(event) >= fromMs,
  );
  return (
    alert && {
      name: 'detected',
      monoMs: alert.monoMs,
      wallMs: alert.wallMs,
      ...within(1_000),
      seenBy: `alert:${alert.source}`,
      detail: alert.name,
    }
  );
}

/** One that fires since before the fault, such as a watchdog, is sent again now and then and has detected nothing. */
function startMonoMs({ startsAtWallMs, wallMs, monoMs }: EntryOf<'alert'>): number {
  return startsAtWallMs === undefined ? monoMs : monoMs - (wallMs - startsAtWallMs);
}

function auditMark(facts: TrialFacts, fromMs: number): Mark | undefined {
  const user = healerUserOf(facts);
  const write = entriesOf(facts.entries, 'api.audit').find(
    (event) =>
      event.user === user &&
      isDeed(event) &&
      WRITES.has(event.verb) &&
      event.code < 400 &&
      event.monoMs >= fromMs,
  );
  if (write === undefined) return undefined;
  const monoMs = Math.min(write.monoMs, write.monoMs - (write.wallMs - write.stageWallMs));
  const detail = `${write.verb} ${write.resource} ${write.name}`;
  return stampMark(facts, 'acted', monoMs, within(Math.max(1, write.monoMs - monoMs)), 'api', detail);
}

/** Whether a write is to what a healer treats, and none of its own records. */
export function isDeed({ resource }: EntryOf<'api.audit'>): boolean {
  return TOUCHED.has(resource);
}

/** The API user that acts for the healer: the configured one, or the service account of ours. */
export function healerUserOf(facts: TrialFacts): string | undefined {
  const healer = facts.started?.config['healer'];
  if (healer === 'off' || healer === undefined) return undefined;
  if (typeof healer === 'object' && healer !== null && 'actsAs' in healer) return String(healer.actsAs);
  return 'system:serviceaccount:firedrill-system:firedrill-healer';
}
