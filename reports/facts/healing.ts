import type { Entry, EntryOf } from '../../harness/core/journal/journal.ts';
import { entriesOf } from '../../harness/core/journal/journal.ts';

/** What the healer did at one moment, with the reason that it gave for it. */
export interface HealingStep {
  readonly event: EntryOf<'healer'>;
  /** The event's words without the name of the step and without the list of what it touched. */
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
    steps.push({ event, words: plainWords(event.detail), because: decision?.detail });
    decision = undefined;
  }
  return steps;
}

/** All that was done, for one line: `cordoned, proof: off, 4 pods deleted`. */
export function actsInWords(entries: readonly Entry[]): string {
  const acts = healingSteps(entries)
    .filter((step) => step.event.event === 'acted')
    .map((step) => step.words);
  return [...new Set(acts)].join(', ');
}

function isActOf(decision: EntryOf<'healer'>, next: EntryOf<'healer'>): boolean {
  return (
    next.event === 'acted' &&
    next.subject === decision.subject &&
    next.healerWallMs - decision.healerWallMs <= SAME_STEP_MS
  );
}

/** `DeletePods: 4 pods deleted: shop/web-1, shop/web-2` says no more than `4 pods deleted` to a reader of a picture. */
export function plainWords(detail: string): string {
  const parts = detail
    .replace(/^[A-Z][A-Za-z]+: (?=.)/, '')
    .replace(/: [\w.-]+\/[^ ,]+(?:, [\w.-]+\/[^ ,]+)*$/, '')
    .split(', ');
  const told = parts.filter((part) => !part.startsWith('phase '));
  return (told.length > 0 ? told : parts).join(', ');
}
