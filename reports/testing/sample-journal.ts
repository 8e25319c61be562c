import type { Entry, EntryBody } from '../../harness/core/journal/journal.ts';
import type { Verdict } from '../../harness/core/verdict.ts';
import { monoOf, mulberry32, wallOf, type SampleOptions, type Story, type Write } from './sample-shape.ts';
import { sampleVerdict } from './sample-verdict.ts';
import { writePromql, writeProbe } from './sample-measurements.ts';
import { writeCluster, writeFault, writeHealing, writeStart, writeTrailer } from './sample-story.ts';

interface SampleTrial {
  readonly entries: readonly Entry[];
  readonly verdict: Verdict;
}

/** A synthetic trial that looks like a real one: same kinds of entries, same order, same rates. */
export function sampleTrial(given: SampleOptions): SampleTrial {
  const options: Required<SampleOptions> = {
    seed: 7141,
    scenario: 'node-loss',
    title: 'the storefront survives the loss of a node',
    trialId: `node-loss-${given.shape}-${given.seed ?? 7141}`,
    faultKind: 'node.power-off',
    repeatIndex: 0,
    namePrefix: '',
    ...given,
  };
  const random = mulberry32(options.seed);
  const story = storyOf(options, random);
  const bodies: { atMs: number; body: EntryBody }[] = [];
  const write: Write = (atMs, body) => bodies.push({ atMs, body });
  writeStart(story, write);
  writeCluster(story, write);
  writeFault(story, write);
  writeProbe(story, write, random);
  writeHealing(story, write);
  writePromql(story, write);
  writeTrailer(story, write);
  const entries = bodies
    .toSorted((left, right) => left.atMs - right.atMs)
    .map(({ atMs, body }, seq): Entry => ({ seq, monoMs: monoOf(atMs), wallMs: wallOf(atMs), ...body }));
  return { entries, verdict: sampleVerdict(story) };
}

function storyOf(options: Required<SampleOptions>, random: () => number): Story {
  const jitter = (ms: number): number => Math.round(ms * (0.85 + 0.3 * random()));
  if (options.shape === 'violated' || options.shape === 'censored') {
    const restored = options.shape === 'violated' ? jitter(51_800) : 124_000;
    return {
      options,
      requestedMs: -21,
      impact: { fromMs: 40, toMs: restored },
      healer: undefined,
      replacedMs: options.shape === 'violated' ? 352_000 : undefined,
      capacityMs: options.shape === 'violated' ? 354_600 : undefined,
      revertedMs: options.shape === 'violated' ? 362_000 : 121_000,
      endMs: options.shape === 'violated' ? 364_000 : 123_000,
    };
  }
  const detectedMs = jitter(1600);
  const actedMs = detectedMs + 110;
  return {
    options,
    requestedMs: -21,
    impact: options.shape === 'held' ? { fromMs: 35, toMs: jitter(3700) } : undefined,
    healer:
      options.shape === 'inconclusive' ? undefined : { detectedMs, decidedMs: detectedMs + 60, actedMs },
    replacedMs: options.shape === 'inconclusive' ? undefined : actedMs + 260,
    capacityMs: options.shape === 'inconclusive' ? undefined : jitter(5600),
    revertedMs: 13_900,
    endMs: 16_000,
  };
}
