import type { PromPoint } from '../core/slo/bracket.ts';
import { entriesOf, type EntryOf, type PromProblem } from '../core/journal/journal.ts';
import type { TrialFacts } from '../core/recovery/trial-facts.ts';
import { readThroughRules, whyNoEvidence } from '../core/slo/recording-rules.ts';
import { largest } from '../core/extremes.ts';
import type { Claim } from './check.ts';

/** Everything that the range queries of one objective returned. */
interface PromEvidence {
  readonly points: readonly PromPoint[];
  readonly windowMs: number;
  readonly scrapeIntervalMs: number;
  readonly stepMs: number;
  readonly problems: readonly LocatedProblem[];
}

interface LocatedProblem extends PromProblem {
  readonly fromWallMs: number;
  readonly toWallMs: number;
}

/**
 * What was answered to the very query of the claim: an objective of the same name may ask something else. Undefined when
 * it was never asked, or its answers prove nothing. A later answer for the same instant replaces an earlier one; a step without an answer has no value.
 */
export function promEvidence(facts: TrialFacts, claim: Claim): PromEvidence | undefined {
  const series = answersTo(facts, claim);
  const last = series.at(-1);
  if (last === undefined) return undefined;
  const { doubt, windowMs } = meaningOf(claim, last);
  if (doubt !== undefined) return undefined;
  const points = new Map<number, number | null>();
  for (const entry of series) for (const [wallMs, value] of entry.points) points.set(wallMs, value);
  return {
    points: withEveryStep(
      [...points].sort((a, b) => a[0] - b[0]),
      last.stepMs,
    ),
    windowMs: largest([...series.map((entry) => entry.windowMs), windowMs]),
    scrapeIntervalMs: last.scrapeIntervalMs,
    stepMs: last.stepMs,
    problems: series.flatMap((entry, index) =>
      entry.problem === undefined ? [] : unsettled(entry, entry.problem, series.slice(index + 1)),
    ),
  };
}

/** Why there is no evidence. */
export function whyUnanswered(facts: TrialFacts, claim: Claim): string {
  const last = answersTo(facts, claim).at(-1);
  if (last !== undefined) return meaningOf(claim, last).doubt ?? 'its answers prove nothing';
  const others = entriesOf(facts.entries, 'promql.series').some(({ sloId }) => sloId === claim.sloId);
  return others
    ? `its query was never answered: what the journal holds under "${claim.sloId}" are answers to another question`
    : 'its query was never answered';
}

type Answer = EntryOf<'promql.series'>;

function answersTo(facts: TrialFacts, claim: Claim): Answer[] {
  return entriesOf(facts.entries, 'promql.series').filter(
    ({ sloId, query }) => sloId === claim.sloId && query === claim.query,
  );
}

/** What an answer means for its claim: why it is no evidence, and how far its query looks back, by itself and through the answer's rules. */
interface Meaning {
  readonly last: Answer;
  readonly doubt: string | undefined;
  readonly windowMs: number;
}

/** Of each claim for its last answer: a look at a trial asks again and again. */
const meanings = new WeakMap<Claim, Meaning>();

function meaningOf(claim: Claim, last: Answer): Meaning {
  const known = meanings.get(claim);
  if (known?.last === last) return known;
  const reading = readThroughRules(claim.query, last.rules ?? []);
  const windowMs = 'unread' in reading ? 0 : reading.windowMs;
  const meaning = { last, doubt: whyMeaningless(claim, last), windowMs };
  meanings.set(claim, meaning);
  return meaning;
}

function whyMeaningless({ query, bound }: Claim, { rules = [], problem }: Answer): string | undefined {
  if (bound === undefined) return undefined;
  const found = whyNoEvidence({ query, bound }, rules);
  return found === undefined || problem?.name !== 'rule-unknown'
    ? found
    : `${problem.name}: ${problem.message}`;
}

function withEveryStep(points: readonly PromPoint[], stepMs: number): PromPoint[] {
  return points.flatMap((point, index) => {
    const previousMs = points[index - 1]?.[0] ?? point[0];
    if (!(point[0] - previousMs > 1.5 * stepMs)) return [point];
    // The first and the last of a stretch stand for all of it: none of them has a value.
    return [[previousMs + stepMs, null] as const, [point[0] - stepMs, null] as const, point];
  });
}

export function problemWithin(
  evidence: PromEvidence,
  fromWallMs: number,
  toWallMs: number,
): LocatedProblem | undefined {
  return evidence.problems.find(
    (problem) => problem.fromWallMs <= toWallMs && problem.toWallMs >= fromWallMs,
  );
}

/** A problem stands unless a later query over the same time had none; a restart stands whatever comes later. */
function unsettled(
  entry: EntryOf<'promql.series'>,
  problem: PromProblem,
  later: readonly EntryOf<'promql.series'>[],
): LocatedProblem[] {
  const fromWallMs = problem.fromWallMs ?? entry.startWallMs;
  const toWallMs = problem.toWallMs ?? entry.endWallMs;
  const settled =
    problem.name !== 'prometheus-restarted' &&
    later.some(
      (other) =>
        other.problem === undefined && other.startWallMs <= fromWallMs && other.endWallMs >= toWallMs,
    );
  return settled ? [] : [{ ...problem, fromWallMs, toWallMs }];
}
