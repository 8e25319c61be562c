import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Verdict } from '../../harness/core/verdict.ts';
import { sampleTrial } from '../testing/sample-journal.ts';
import type { SampleShape } from '../testing/sample-shape.ts';
import { assertNoTextsMeet } from '../testing/text-boxes.ts';
import { xmlElements } from '../testing/xml.ts';
import { drawTimeline } from './draw.ts';
import { timelineModel } from './model.ts';

const SHAPES: readonly SampleShape[] = ['held', 'violated', 'censored', 'inconclusive', 'no-impact'];
const WIDE = { shape: 'wide', standalone: true, idPrefix: 'a-' } as const;
const NARROW = { shape: 'narrow', standalone: true, idPrefix: 'a-' } as const;

function draw(
  shape: SampleShape,
  options: typeof WIDE | typeof NARROW,
  change: (verdict: Verdict) => Verdict = (one) => one,
): string {
  const { entries, verdict } = sampleTrial({ shape });
  return drawTimeline(timelineModel(change(verdict), entries), options).source;
}

for (const shape of SHAPES) {
  for (const options of [WIDE, NARROW]) {
    test(`${shape}, ${options.shape}: the picture is well-formed and holds every mark of the verdict`, () => {
      const { verdict } = sampleTrial({ shape });
      const drawn = xmlElements(draw(shape, options)).flatMap(
        (element) => element.attributes['data-mark'] ?? [],
      );
      for (const mark of verdict.marks) assert.ok(drawn.includes(mark.name), mark.name);
      assert.equal(drawn.length, new Set(drawn).size);
    });

    test(`${shape}, ${options.shape}: no two texts overlap, and none leaves the picture`, () => {
      assertNoTextsMeet(draw(shape, options));
    });
  }
}

test('the picture has a lane for everything that the journal tells', () => {
  const titles = texts(draw('held', WIDE), 'fd-title');
  assert.deepEqual(titles, ['Fault', 'Users', 'PromQL', 'Alerts', 'Healer', 'Capacity', 'Nodes', 'Pods']);
  assert.deepEqual(texts(draw('no-impact', WIDE), 'fd-title').at(-1), 'Notes');
});

test('the first failed request and the mark "restored" stand where the axis says', () => {
  const { entries, verdict } = sampleTrial({ shape: 'held' });
  const model = timelineModel(verdict, entries);
  const svg = drawTimeline(model, WIDE).source;
  const plot = (atMs: number): number =>
    190 + ((atMs - model.fromMs) / (model.toMs - model.fromMs)) * (1106 - 190);
  const restored = verdict.recovery.kind === 'measured' ? verdict.recovery.ms : NaN;
  const flag = xmlElements(svg).find(
    (element) => element.name === 'text' && element.text.startsWith('restored +'),
  );
  assert.ok(Math.abs(Number(flag?.attributes['x']) - 5 - plot(restored)) < 0.1);
  const rug = xmlElements(svg).find((element) => element.attributes['class'] === 'fd-failures');
  const firstFailure = entries.flatMap((entry) =>
    entry.kind === 'probe.sample' && !entry.ok ? [entry.dueMonoMs] : [],
  )[0]!;
  const first = Number(/^M([\d.]+)/.exec(rug?.attributes['d'] ?? '')?.[1]);
  assert.ok(Math.abs(first - plot(firstFailure - model.frame.zeroMonoMs)) <= 0.5);
});

test('an error wide enough to see is drawn as a bar, a smaller one is told in words', () => {
  const widened = draw('held', WIDE, (verdict) => ({
    ...verdict,
    marks: verdict.marks.map((mark) =>
      mark.name === 'restored'
        ? { ...mark, beforeMs: 50, afterMs: 1500 }
        : { ...mark, beforeMs: 0, afterMs: 0 },
    ),
  }));
  assert.equal(
    xmlElements(widened).filter((element) => element.attributes['class']?.startsWith('fd-error')).length,
    1,
  );
  assert.match(widened, /restored \+3\.\d\d s \(3\.6\d to 5\.\d\d\)/);
});

test('the flag of a recovery has its bracket where there is room, and never half of it', () => {
  assert.match(draw('held', WIDE), />restored \+3\.70 s \(3\.63 to 4\.09\)<\/text>/);
  assert.match(draw('held', NARROW), />restored \+3\.7 s<\/text>/);
});

test('a gap of the probe is not bridged by the curve, and says why', () => {
  const svg = draw('inconclusive', WIDE);
  const curve = xmlElements(svg).find((element) => element.attributes['class'] === 'fd-curve');
  assert.equal(curve?.attributes['d']?.match(/M/g)?.length, 2);
  assert.match(svg, /the stream from the probe broke/);
});

test('a query without data says so instead of drawing a line', () => {
  assert.match(draw('inconclusive', WIDE), /no-data: the query returned no series/);
});

test('a trial without any entry still gives a picture', () => {
  const { verdict } = sampleTrial({ shape: 'held' });
  const svg = drawTimeline(timelineModel({ ...verdict, marks: [] }, []), WIDE).source;
  assert.ok(xmlElements(svg).length > 10);
});

test('whatever names the cluster has, no texts meet', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 80 }), fc.integer({ min: 1, max: 99 }), (namePrefix, seed) => {
      const { entries, verdict } = sampleTrial({ shape: 'held', namePrefix, seed });
      assertNoTextsMeet(drawTimeline(timelineModel(verdict, entries), WIDE).source);
    }),
    { numRuns: 40 },
  );
});

test('the picture keeps its colours where style sheets are blocked', () => {
  for (const { name, attributes } of xmlElements(draw('held', WIDE))) {
    const isDrawn = ['rect', 'line', 'path'].includes(name) && attributes['class'] !== undefined;
    if (isDrawn)
      assert.ok(
        attributes['fill'] !== undefined ||
          attributes['stroke'] !== undefined ||
          attributes['opacity'] !== undefined,
        `${name} ${attributes['class']}`,
      );
  }
});

function texts(svg: string, className: string): string[] {
  return xmlElements(svg).flatMap((element) =>
    element.attributes['class'] === className ? [element.text] : [],
  );
}
