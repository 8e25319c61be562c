import { entriesOf, type Entry, type EntryOf } from '../../harness/core/journal/journal.ts';
import { DEFAULT_GOOD_SHARE } from '../../harness/core/recovery/measure.ts';
import { goodShareOf, type Bound } from '../../harness/core/slo/slo.ts';
import { atMono, atWall, type Frame } from '../facts/frame.ts';
import { probeSlis } from '../facts/probe-sli.ts';
import type { IndicatorLine } from './picture.ts';

/** The users' indicator by the probe first, then each SLO's own query by Prometheus. */
export function readIndicators(entries: readonly Entry[], frame: Frame): IndicatorLine[] {
  const claim = entriesOf(entries, 'slo.claim').find((one) => one.claim === 'recover-within');
  const objective = goodShareOf(claim?.bound) ?? DEFAULT_GOOD_SHARE;
  const probes = probeSlis(entries).map((sli): IndicatorLine => ({
    clock: 'probe',
    name: sli.target,
    bound: { atLeast: objective },
    points: sli.points.map((point) => [atMono(frame, point.monoMs), point.share] as const),
    gaps: sli.gaps.map((gap) => ({
      fromMs: atMono(frame, gap.fromMonoMs),
      toMs: atMono(frame, gap.toMonoMs),
      reason: gap.reason,
    })),
    failuresMs: sli.failuresMonoMs.map((monoMs) => atMono(frame, monoMs)),
  }));
  const bounds = new Map(entriesOf(entries, 'slo.claim').map((claim) => [claim.sloId, claim.bound] as const));
  const bySlo = Map.groupBy(entriesOf(entries, 'promql.series'), (series) => series.sloId);
  const queries = [...bySlo].map(([sloId, series]) => queryLine(sloId, series, bounds.get(sloId), frame));
  return [...probes, ...queries];
}

/** A query that was asked again while the trial ran: for each instant the last answer counts. */
function queryLine(
  sloId: string,
  series: readonly EntryOf<'promql.series'>[],
  bound: Bound | undefined,
  frame: Frame,
): IndicatorLine {
  const values = new Map(series.flatMap((one) => one.points));
  const problem = series.at(-1)?.problem;
  const spoilt = series.flatMap((one) =>
    one.problem?.fromWallMs !== undefined && one.problem.toWallMs !== undefined
      ? [
          {
            fromMs: atWall(frame, one.problem.fromWallMs),
            toMs: atWall(frame, one.problem.toWallMs),
            reason: one.problem.message,
          },
        ]
      : [],
  );
  return {
    clock: 'promql',
    name: sloId,
    ...(bound ? { bound } : {}),
    points: [...values]
      .toSorted(([left], [right]) => left - right)
      .map(([wallMs, value]) => [atWall(frame, wallMs), value] as const),
    gaps: spoilt,
    failuresMs: [],
    ...(problem ? { problem: `${problem.name}: ${problem.message}` } : {}),
  };
}
