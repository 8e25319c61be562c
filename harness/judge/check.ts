import type { EntryOf } from '../core/journal/journal.ts';
import { given } from '../core/given.ts';
import type { Sight } from '../core/recovery/sight.ts';
import type { InjectionFacts, TrialFacts } from '../core/recovery/trial-facts.ts';
import { WORST_FIRST, type Finding } from '../core/verdict.ts';

export type Claim = EntryOf<'slo.claim'>;

/** A pure question to the journal of a trial; no findings: nothing to say. */
export interface Check {
  readonly name: string;
  readonly run: (facts: TrialFacts) => Finding[];
}

/** The figures of a finding besides its reason. */
type Figures = Pick<Finding, 'measured' | 'allowed' | 'unit'>;

/** From one instant to another of the trial's monotonic clock. */
export interface Stretch {
  readonly fromMonoMs: number;
  readonly toMonoMs: number;
}

/** When something happened that must not; `sometime` within it where the clock that saw it learns of it later. */
export interface Broken extends Stretch {
  readonly sometime?: true;
}

/**
 * What a check makes of a claim. Whoever decides it names what the decision rests on: every stretch of time in which
 * the silence of an observer is part of the evidence. Blindness in one of them leaves the claim inconclusive.
 */
export type Decision = Figures & { readonly reason: string } & (
    | { readonly outcome: 'inconclusive' }
    | {
        readonly outcome: 'held' | 'violated';
        readonly rests: readonly Sight[];
        /** When that happened which must not; absent where it is violated because its time is over. */
        readonly broken?: readonly Broken[];
        /** It is held because nothing was seen of this fault, which stands only where a second trace shows the fault. */
        readonly spared?: InjectionFacts;
      }
  );

/**
 * Judges one claim as far as the journal goes; undefined: not decided yet. Once decided, more entries of the same
 * trial do not change the outcome. `nowMonoMs` is infinite when nothing more will come.
 */
export type ClaimCheck = (facts: TrialFacts, claim: Claim, nowMonoMs: number) => Decision | undefined;

/** Violated by what happened, not because its time is over. */
export function brokenBy(reason: string, broken: readonly Broken[]): Decision {
  return { outcome: 'violated', reason, rests: [], broken };
}

export function decided(
  outcome: 'held' | 'violated',
  reason: string,
  rests: readonly Sight[],
  figures: Figures = {},
): Decision {
  return { outcome, reason, rests, ...figures };
}

/** Held because nothing happened; `spared` is the fault that was to make it happen, where the claim names one. */
export function heldUnhurt(
  reason: string,
  rests: readonly Sight[],
  spared: InjectionFacts | undefined,
  figures: Figures = {},
): Decision {
  return { ...decided('held', reason, rests, figures), ...given({ spared }) };
}

export function doubtful(reason: string, figures: Figures = {}): Decision {
  return { outcome: 'inconclusive', reason, ...figures };
}

export function inconclusive(check: string, reason: string): Finding {
  return { check, outcome: 'inconclusive', reason };
}

export function held(check: string, reason: string): Finding {
  return { check, outcome: 'held', reason };
}

/** The finding that outranks all others; the first of its rank. */
export function decisive(findings: readonly Finding[]): Finding | undefined {
  return WORST_FIRST.map((worst) => findings.find(({ outcome }) => outcome === worst)).find(
    (finding) => finding !== undefined,
  );
}
