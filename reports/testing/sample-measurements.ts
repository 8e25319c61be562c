import { monoOf, wallOf, type Story, type Write } from './sample-shape.ts';

/** The query of the sample's only objective. */
export const QUERY =
  'sum(rate(storefront_requests_total{code!~"5.."}[4s])) / sum(rate(storefront_requests_total[4s]))';
const STEP_MS = 1000;

export function writeProbe(
  { requestedMs, impact, endMs, options }: Story,
  write: Write,
  random: () => number,
): void {
  let probeSeq = 0;
  for (let dueMs = requestedMs - 8000; dueMs < endMs; dueMs += 50, probeSeq++) {
    if (options.shape === 'inconclusive' && dueMs > 7000 && dueMs < 9000) continue;
    const inImpact = impact !== undefined && dueMs >= impact.fromMs && dueMs < impact.toMs;
    const failed = inImpact && (random() < 0.36 || dueMs + 50 >= impact.toMs);
    write(dueMs + (failed ? 1000 : 3), {
      kind: 'probe.sample',
      target: 'storefront',
      probeSeq,
      dueMonoMs: monoOf(dueMs),
      ok: !failed,
      ...(failed ? { error: 'timeout' } : { status: 200 }),
      latencyMs: failed ? 1000 : 2 + random() * 4,
      lateMs: random(),
    });
  }
  if (options.shape === 'inconclusive') {
    write(9000, {
      kind: 'probe.gap',
      target: 'storefront',
      fromSeq: 300,
      toSeq: 340,
      fromMonoMs: monoOf(7000),
      toMonoMs: monoOf(9000),
      reason: 'the stream from the probe broke',
    });
  }
}

export function writePromql({ requestedMs, impact, endMs, options }: Story, write: Write): void {
  const points: (readonly [number, number])[] = [];
  for (let atMs = requestedMs - 8000; atMs <= endMs; atMs += STEP_MS) {
    const bad = impact !== undefined && atMs > impact.fromMs + 800 && atMs < impact.toMs + 3200;
    points.push([wallOf(atMs), bad ? 0.64 : 1]);
  }
  const noData = options.shape === 'inconclusive';
  write(endMs, {
    kind: 'promql.series',
    sloId: 'available',
    query: QUERY,
    startWallMs: wallOf(requestedMs - 8000),
    endWallMs: wallOf(endMs),
    stepMs: STEP_MS,
    scrapeIntervalMs: STEP_MS,
    windowMs: 4000,
    points: noData ? [] : points,
    ...(noData
      ? {
          problem: { name: 'no-data', message: 'the query returned no series between 10:30:33 and 10:30:57' },
        }
      : {}),
  });
}
