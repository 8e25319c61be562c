import { entriesOf, type AlertRules, type Entry, type ObserverState } from '../journal/journal.ts';
import { nearestNames } from '../nearest.ts';
import type { TrialFacts } from './trial-facts.ts';

/**
 * What a claim rests on where silence is the evidence: this observer was looking from one instant to another. An
 * observer of samples (the probe, PromQL) needs none of this: each of its samples proves that it was looking.
 */
export interface Sight {
  /** As in the journal, e.g. `alerts`, or a rule of Prometheus' (`ALERT_RULE`); `watch:Pod` is blind where the whole `watch` is. */
  readonly observer: string;
  readonly fromMonoMs: number;
  readonly toMonoMs: number;
}

/** How long after its loss an observer's blindness stands in the journal at the latest: a poll and its time-out. */
export const BLINDNESS_TOLD_WITHIN_MS = 7_000;

/** What makes an alert fire, with the name of the alert behind it, or `*` for all: it looks only where it is evaluated. */
export const ALERT_RULE = 'alert rule ';

/** How the journals of schema 1 tell that a watch went blind; the entry of the gap itself follows when it is over. */
const WATCH_IS_BLIND = /^the watch of (\w+) is blind: (.*)$/;

/** Undefined when the observer was looking all the time; otherwise why its silence proves nothing. */
export function blindSpot(facts: TrialFacts, sight: Sight): string | undefined {
  const { observer, fromMonoMs, toMonoMs } = sight;
  const periods = blindPeriods(facts, observer);
  if (periods === undefined) return `nobody watched: the observer "${observer}" was never started`;
  return periods.find((period) => period.fromMonoMs < toMonoMs && period.toMonoMs > fromMonoMs)?.reason;
}

/** Whether the observer ever looked. */
export function wasWatched(facts: TrialFacts, observer: string): boolean {
  return blindPeriods(facts, observer) !== undefined;
}

interface BlindPeriod {
  readonly fromMonoMs: number;
  readonly toMonoMs: number;
  readonly reason: string;
}

/** All the times at which the observer did not look; undefined when it never did. */
function blindPeriods(facts: TrialFacts, observer: string): BlindPeriod[] | undefined {
  if (observer.startsWith(ALERT_RULE)) return withoutRule(facts, observer.slice(ALERT_RULE.length));
  const states = entriesOf(facts.entries, 'observer').filter(
    (entry) => entry.observer === observer || observer.startsWith(`${entry.observer}:`),
  );
  const begun =
    states.find((entry) => entry.state === 'started') ??
    (observer.startsWith('watch') ? facts.entries.find(isWord) : undefined);
  if (begun === undefined) return undefined;
  const periods: BlindPeriod[] = [
    {
      fromMonoMs: Number.NEGATIVE_INFINITY,
      toMonoMs: begun.monoMs,
      reason: `the observer "${observer}" started too late`,
    },
  ];
  for (const [index, entry] of states.entries()) {
    if (entry.state !== 'stopped') continue;
    const again = states.slice(index).find((later) => later.state === 'started');
    periods.push({
      fromMonoMs: entry.monoMs,
      toMonoMs: again?.monoMs ?? Number.POSITIVE_INFINITY,
      reason: `the observer "${observer}" stopped too early`,
    });
  }
  const gaps = states.filter((entry) => entry.state === 'gap');
  for (const gap of [...gaps, ...toldInNotes(facts, observer)]) {
    const fromMonoMs = gap.fromMonoMs ?? gap.monoMs;
    periods.push({
      fromMonoMs,
      toMonoMs: gap.toMonoMs ?? endOfGap(gaps, fromMonoMs),
      reason: `the observer "${observer}" has a gap: ${gap.reason ?? 'no reason given'}`,
    });
  }
  return periods;
}

/** Journals that do not tell of rules are judged as if each had been evaluated. */
function withoutRule(facts: TrialFacts, alert: string): BlindPeriod[] {
  const told = entriesOf(facts.entries, 'alert.rules');
  return told.flatMap((rules, index) => {
    const reason = whyNoAlert(alert, rules);
    if (reason === undefined) return [];
    const fromMonoMs = index === 0 ? Number.NEGATIVE_INFINITY : rules.sinceMonoMs;
    return [{ fromMonoMs, toMonoMs: told[index + 1]?.monoMs ?? Number.POSITIVE_INFINITY, reason }];
  });
}

function whyNoAlert(alert: string, { rules, failing }: AlertRules): string | undefined {
  const asked = rules.filter((name) => alert === '*' || name === alert);
  const failed = asked.find((name) => Object.hasOwn(failing, name));
  if (failed !== undefined) return `the rule of ${failed} cannot be evaluated: ${failing[failed] ?? ''}`;
  if (asked.length > 0) return undefined;
  const [near] = nearestNames(alert, rules, 1);
  return `Prometheus has no alerting rule ${alert}${near === undefined ? '' : `; the nearest name is ${near}`}`;
}

type Gap = Pick<ObserverState, 'fromMonoMs' | 'toMonoMs' | 'reason'> & { readonly monoMs: number };

/** A gap that is still open lasts until it is told again with its end; for ever when it never is. */
function endOfGap(gaps: readonly Gap[], fromMonoMs: number): number {
  const closed = gaps.find((gap) => gap.fromMonoMs === fromMonoMs && gap.toMonoMs !== undefined);
  return closed?.toMonoMs ?? Number.POSITIVE_INFINITY;
}

/** What a note tells begins a little before it, as the entry of the gap says when that is over. */
function toldInNotes(facts: TrialFacts, observer: string): Gap[] {
  const gaps = entriesOf(facts.entries, 'observer').filter((entry) => entry.observer === observer);
  return entriesOf(facts.entries, 'note').flatMap(({ text, monoMs }) => {
    const [, object, reason] = WATCH_IS_BLIND.exec(text) ?? [];
    if (object === undefined || reason === undefined || observer !== `watch:${object}`) return [];
    const whole = gaps.find((gap) => gap.toMonoMs !== undefined && gap.toMonoMs >= monoMs);
    return [{ monoMs, fromMonoMs: whole?.fromMonoMs ?? monoMs, reason }];
  });
}

/** A watch that has told of an object is looking, also where a journal does not say since when. */
function isWord({ kind }: Entry): boolean {
  return kind === 'watch' || kind === 'capacity';
}
