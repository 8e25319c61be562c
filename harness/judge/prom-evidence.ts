import type { PromPoint } from '../core/slo/bracket.ts';
import { entriesOf, type EntryOf, type PromProblem } from '../core/journal/journal.ts';
import type { TrialFacts } from '../core/recovery/trial-facts.ts';
import { largest } from '../core/extremes.ts';

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

/** Undefined when the query was never asked. A later answer for the same instant replaces an earlier one. */
export function promEvidence(facts: TrialFacts, sloId: string): PromEvidence | undefined {
  const series = entriesOf(facts.entries, 'promql.series').filter((entry) => entry.sloId === sloId);
  const last = series.at(-1);
  if (last === undefined) return undefined;
  const points = new Map<number, number | null>();
  for (const entry of series) for (const [wallMs, value] of entry.points) points.set(wallMs, value);
  return {
    points: [...points].sort((a, b) => a[0] - b[0]),
    windowMs: largest(series.map((entry) => entry.windowMs)),
    scrapeIntervalMs: last.scrapeIntervalMs,
    stepMs: last.stepMs,
    problems: series.flatMap((entry, index) =>
      entry.problem === undefined ? [] : unsettled(entry, entry.problem, series.slice(index + 1)),
    ),
  };
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
