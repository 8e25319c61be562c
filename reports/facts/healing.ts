import { entriesOf, type Entry, type EntryOf } from '../../harness/core/journal/journal.ts';

/** What the healer did at one moment, with the reason that it gave for it. */
export interface HealingStep {
  readonly event: EntryOf<'healer'>;
  /** The event's words; of an act only its result. */
  readonly words: string;
  readonly because: string | undefined;
}

/** A decision and the act that follows it are one step where nothing else lies between them and no more time than this. */
const SAME_STEP_MS = 500;

/** The healer's audit as steps, in the order of its own clock. */
export function healingSteps(entries: readonly Entry[]): HealingStep[] {
  const events = entriesOf(entries, 'healer').toSorted(
    (left, right) => left.healerWallMs - right.healerWallMs,
  );
  const steps: HealingStep[] = [];
  let decision: EntryOf<'healer'> | undefined;
  for (const [index, event] of events.entries()) {
    const next = events[index + 1];
    if (event.event === 'decided' && next && isActOf(event, next)) {
      decision = event;
      continue;
    }
    steps.push({ event, words: wordsOf(event), because: decision?.detail });
    decision = undefined;
  }
  return steps;
}

/** All that was done, or refused, for one line: `cordoned, proof: off, 4 pods deleted`. */
export function healingInWords(entries: readonly Entry[], kind: 'acted' | 'refused'): string {
  const steps = healingSteps(entries).filter((step) => step.event.event === kind);
  return [...new Set(steps.map((step) => step.words))].join(', ');
}

function isActOf(decision: EntryOf<'healer'>, next: EntryOf<'healer'>): boolean {
  return (
    next.event === 'acted' &&
    next.subject === decision.subject &&
    next.healerWallMs - decision.healerWallMs <= SAME_STEP_MS
  );
}

/** An act by its result, without what it touched; anything else, and an act of a journal without fields, as it was told. */
function wordsOf({ event, detail, wouldDo, result, phase }: EntryOf<'healer'>): string {
  if (result === undefined || event === 'refused') return detail;
  const done = result === '' && phase !== undefined ? `phase ${phase}` : result;
  return wouldDo === true ? `would do: ${done}` : done;
}
