import assert from 'node:assert/strict';
import { entriesOf, type Entry, type SloClaim } from '../../core/journal/journal.ts';
import { createRng, type Rng } from '../../core/seed.ts';
import type { Finding } from '../../core/verdict.ts';
import { findingOf, judge } from '../judge.ts';
import {
  at,
  EFFECTIVE_MS,
  mapEntries,
  synthesise,
  withEntries,
  type Story,
  type Timed,
} from './synthetic-trial.ts';

const WATCHED_FOR_MS = 40_000;
const PERIOD_MS = 200;
/** How finely the moment of a decision is looked for. */
const LOOK_EVERY_MS = 250;

/** A trial in which anything may happen, and that makes one claim of each kind that time decides. */
function randomTrial(rng: Rng): Entry[] {
  const claim = (id: number, kind: SloClaim['claim'], body: Partial<SloClaim>): Timed =>
    at(EFFECTIVE_MS + 40 + id, {
      kind: 'slo.claim',
      claimId: `c${id}`,
      claim: kind,
      sloId: 'Down',
      query: '',
      stableForMs: 0,
      withinMs: between(rng, 2_000, 14_000),
      injectionId: 'i1',
      ...body,
    });
  const story = randomStory(rng);
  const entries = synthesise(story);
  const slo = entries.find((entry) => entry.kind === 'slo.claim');
  if (slo === undefined) throw new RangeError('a synthetic trial has a claim');
  const { sloId, query, bound } = slo;
  return withEntries(entries, [
    ...observers(),
    claim(2, 'capacity-within', { sloId: 'capacity', stableForMs: 5_000 }),
    claim(3, 'hold-while', {
      sloId,
      query,
      ...(bound === undefined ? {} : { bound }),
      judgedBy: clocks(rng),
    }),
    claim(4, 'fire-within', {}),
    claim(5, 'resolve-within', { stableForMs: between(rng, 0, 5_000) }),
    claim(6, 'stay-silent', {}),
    ...alerts(rng),
    ...gaps(rng),
    ...pressure(rng),
    ...rules(rng),
  ]);
}

/** A trial with a claim of recovery alone: the story of users who may be out several times, wholly or in part. */
function randomStory(rng: Rng): Story {
  const share = rng.pick([1, 1, 0.5, 0.34]);
  const outages = Array.from({ length: between(rng, 0, 3) }, () => {
    const fromMs = between(rng, 50, 20_000);
    return [fromMs, fromMs + between(rng, 100, 12_000)] as const;
  });
  const failing = Array.from({ length: 400 }, () => rng.next() < share);
  return {
    outages,
    failing: (index) => failing[index % failing.length] === true,
    periodMs: PERIOD_MS,
    watchedForMs: WATCHED_FOR_MS,
    lostFromMs: between(rng, 500, 2_500),
    capacityAtMs: rng.pick([between(rng, 3_000, 30_000), Number.POSITIVE_INFINITY]),
    claim: {
      withinMs: between(rng, 2_000, 14_000),
      stableForMs: rng.pick([1_000, 2_000, 5_000]),
      bound: { atLeast: rng.pick([0.99, 0.9, 0.5]) },
      judgedBy: clocks(rng),
    },
  };
}

function clocks(rng: Rng): 'probe' | 'promql' | 'probe-and-promql' {
  return rng.pick(['probe', 'promql', 'probe-and-promql']);
}

function observers(): Timed[] {
  return ['watch', 'promql', 'probe:storefront'].map((observer) =>
    at(EFFECTIVE_MS - 12_000, { kind: 'observer', observer, state: 'started' }),
  );
}

/** Two instances that fire and resolve as they like, seen once a second. */
function alerts(rng: Rng): Timed[] {
  return ['a', 'b'].flatMap((instance) => {
    let sinceMs = between(rng, -4_000, 12_000);
    return Array.from({ length: between(rng, 0, 5) }, (_, index) => {
      sinceMs += between(rng, 1_000, 9_000);
      return at(EFFECTIVE_MS + sinceMs, {
        kind: 'alert',
        source: 'prometheus',
        name: 'Down',
        state: index % 2 === 0 ? 'firing' : 'resolved',
        labels: { instance },
      });
    });
  });
}

/** Blindness as observers tell of it: within some seconds after it began, and again when it is over. */
function gaps(rng: Rng): Timed[] {
  return ['alerts', 'watch:Pod'].flatMap((observer) => {
    if (rng.next() < 0.5) return [];
    const fromMs = EFFECTIVE_MS + between(rng, -8_000, 30_000);
    const toldMs = fromMs + between(rng, 0, 6_000);
    const toMs = toldMs + between(rng, 100, 6_000);
    const told = { kind: 'observer', observer, state: 'gap', reason: 'reset', fromMonoMs: fromMs } as const;
    return rng.next() < 0.2 ? [at(toldMs, told)] : [at(toldMs, told), at(toMs, { ...told, toMonoMs: toMs })];
  });
}

/** The alerting rules: one may be missing or fail for a while, which is told by the next look. */
function rules(rng: Rng): Timed[] {
  const told = (sinceMs: number, names: readonly string[], failing: Record<string, string>): Timed =>
    at(EFFECTIVE_MS + sinceMs, {
      ...{ kind: 'alert.rules', rules: names, failing },
      sinceMonoMs: EFFECTIVE_MS + sinceMs - between(rng, 900, 6_000),
    });
  if (rng.next() < 0.3) return [];
  const fromMs = between(rng, -8_000, 30_000);
  const broken = rng.next() < 0.5 ? told(fromMs, [], {}) : told(fromMs, ['Down'], { Down: 'torn' });
  const mended = told(fromMs + between(rng, 1_000, 9_000), ['Down'], {});
  return [told(-11_500, ['Down'], {}), ...(rng.next() < 0.5 ? [broken, mended] : [])];
}

/** How the machine was, once a second: others take much of it for a while. */
function pressure(rng: Rng): Timed[] {
  const [fromS, forS] = [between(rng, 0, 40), between(rng, 0, 20)];
  return Array.from({ length: 50 }, (_, second) => {
    const isCrowded = second >= fromS && second < fromS + forS;
    const [othersShare, noneIdleShare] = isCrowded ? [0.9, 1] : [0.05, 0];
    return at(EFFECTIVE_MS + (second - 10) * 1_000 + between(rng, 0, 300), {
      ...{ kind: 'host.pressure', overMs: 1_000, runnablePerCore: 1, stolenShare: 0, stalledShares: {} },
      ...{ othersShare, noneIdleShare },
    });
  });
}

function between(rng: Rng, least: number, most: number): number {
  return least + rng.below(most - least + 1);
}

/** Fails, with the seed, when a matcher learns something else of a random trial than `analyze`. */
export function expectAgreement(seed: number): void {
  const entries = randomTrial(createRng(seed));
  const final = new Map(judge(entries).findings.map((finding) => [finding.claimId, finding] as const));
  for (const { claimId } of entriesOf(entries, 'slo.claim')) {
    const analyzed = final.get(claimId);
    const run = thrownBy(entries, claimId);
    if (run === undefined || analyzed === undefined || run.outcome === analyzed.outcome) continue;
    // Blindness that is told after a claim was held takes that back; it never turns into a violation.
    if (
      run.outcome === 'held' &&
      analyzed.outcome === 'inconclusive' &&
      /the observer "|alerting rule|cannot be evaluated/.test(analyzed.reason)
    )
      continue;
    assert.fail(`seed ${seed}: ${run.check} was ${said(run)}; and analyze says ${said(analyzed)}`);
  }
}

/** What the matcher of a claim learns, which asks again and again while the trial runs. */
function thrownBy(entries: readonly Entry[], claimId: string): Finding | undefined {
  const upTo = (sinceMs: number): Finding | undefined => {
    const nowMonoMs = EFFECTIVE_MS + sinceMs;
    return findingOf(
      entries.filter(({ monoMs }) => monoMs <= nowMonoMs),
      claimId,
      nowMonoMs,
    );
  };
  let open = 100;
  let decided = WATCHED_FOR_MS - 2_000;
  if (upTo(decided) === undefined) return undefined;
  while (decided - open > LOOK_EVERY_MS) {
    const middle = (open + decided) / 2;
    if (upTo(middle) === undefined) open = middle;
    else decided = middle;
  }
  return upTo(decided);
}

/** Fails, with the seed, when an outcome is bolder without some of the samples than with all of them. */
export function expectTimid(seed: number): void {
  const rng = createRng(seed);
  const whole = randomTrial(rng);
  const samples = entriesOf(whole, 'probe.sample').sort((a, b) => a.probeSeq - b.probeSeq);
  // Most gaps lie where something happens.
  const from = samples.findIndex((sample) => sample.dueMonoMs > EFFECTIVE_MS - 2_000) + rng.below(80);
  const lost = new Set(samples.slice(from, from + 1 + rng.below(15)));
  const [first] = lost;
  const holed = mapEntries(whole, (entry) =>
    entry.kind === 'probe.sample' && lost.has(entry) ? undefined : entry,
  );
  const outcomes = [judge(whole), judge(holed)].map(
    ({ outcome, findings }) =>
      new Map([
        ['the trial', outcome],
        ...findings.map((one) => [one.claimId ?? one.check, one.outcome] as const),
      ]),
  );
  const [before, after] = outcomes;
  for (const [name, outcome] of after ?? []) {
    const was = before?.get(name);
    const isBolder =
      (was === 'inconclusive' && outcome !== 'inconclusive') || (was === 'violated' && outcome === 'held');
    assert.ok(
      !isBolder,
      `seed ${seed}: ${name} was ${was}, and is ${outcome} without ${lost.size} samples from ${first?.probeSeq}`,
    );
  }
}

/** Fails, with the seed, when a recovery is decided otherwise than the printed bracket of the probe says. */
export function expectPrinted(seed: number): void {
  const rng = createRng(seed);
  const story = randomStory(rng);
  const { recovery, findings } = judge(
    synthesise({ ...story, claim: { ...story.claim, judgedBy: 'probe' } }),
  );
  const finding = findings.find(({ claimId }) => claimId === 'c1');
  if (recovery.kind !== 'measured' || finding?.allowed === undefined) return;
  const { lowMs, highMs } = recovery;
  const { outcome, allowed } = finding;
  const isOpen = lowMs <= allowed && allowed < highMs;
  assert.ok(
    (outcome !== 'held' || highMs <= allowed) &&
      (outcome !== 'violated' || lowMs > allowed) &&
      (!isOpen || outcome === 'inconclusive'),
    `seed ${seed}: ${said(finding)}; between ${lowMs} and ${highMs}`,
  );
}

/** Fails, with the seed, when a claim is held with a limit and violated with a longer one. */
export function expectMonotone(seed: number): void {
  const rng = createRng(seed);
  const story = randomStory(rng);
  const limits = [between(rng, 2_000, 14_000), between(rng, 2_000, 30_000)].sort((a, b) => a - b);
  const [shorter, longer] = limits.map((withinMs) =>
    judge(synthesise({ ...story, claim: { ...story.claim, withinMs } })),
  );
  assert.ok(shorter && longer);
  assert.ok(
    shorter.outcome !== 'held' || longer.outcome !== 'violated',
    `seed ${seed}: held at ${limits[0]}: ${shorter.reason}; and violated at ${limits[1]}: ${longer.reason}`,
  );
}

function said({ outcome, reason }: Finding): string {
  return `${outcome}: ${reason}`;
}
