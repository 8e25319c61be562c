import { capacityLimit, recoveryLimit } from '../facts/claims.ts';
import { recoveryPhases } from '../facts/phases.ts';
import { stockFor } from '../facts/stock.ts';
import type { TrialRecord } from '../facts/trial-record.ts';
import type { Markup } from '../markup/markup.ts';
import { drawTimeline, type DrawOptions } from './draw.ts';
import { timelineModel } from './model.ts';
import type { TimelineModel } from './picture.ts';
import { drawWaterfall } from './waterfall.ts';

export type { TimelineModel } from './picture.ts';

export function modelOf(trial: TrialRecord): TimelineModel {
  return timelineModel(trial.verdict, trial.entries);
}

/** The file `timeline.svg`: the picture on its own. */
export function timelineFile(model: TimelineModel): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${drawTimeline(model, { shape: 'wide', standalone: true, idPrefix: 'timeline-' }).source}\n`;
}

/** The picture inside a page. */
export function timelinePart(model: TimelineModel, options: Omit<DrawOptions, 'standalone'>): Markup {
  return drawTimeline(model, { ...options, standalone: false });
}

/** The recovery waterfall inside a page; undefined where nothing of it was measured. */
export function waterfallPart(
  trial: TrialRecord,
  options: Omit<DrawOptions, 'standalone'>,
): Markup | undefined {
  return drawWaterfall(
    {
      verdict: trial.verdict,
      phases: recoveryPhases(trial.verdict, trial.entries),
      stock: stockFor(trial.entries),
      limitMs: recoveryLimit(trial.verdict, trial.entries)?.withinMs,
      capacityLimitMs: capacityLimit(trial.verdict, trial.entries)?.withinMs,
    },
    options,
  );
}
