import type { RunFacts } from '../../harness/core/journal/run-files.ts';
import type { Outcome } from '../../harness/core/verdict.ts';
import { count, titleOf } from '../facts/wording.ts';
import { Markup, markup } from '../markup/markup.ts';
import type { TimelineModel } from '../timeline/index.ts';
import { runOutcome, type TrialRecord } from '../facts/trial-record.ts';
import { PAGE_CSS } from './style.ts';
import { summaryTables } from './summary-table.ts';
import { trialHead, trialPictures, trialSection } from './trial-section.ts';

/** Characters of pictures in one page: a browser is to open that of a hundred trials, of 2 MB, at once. */
const PICTURES_LENGTH = 1_000_000;

interface PageTrial {
  readonly trial: TrialRecord;
  readonly model: TimelineModel;
}

interface PageFacts {
  readonly runId: string;
  /** Absent where the run died before it wrote them. */
  readonly run: RunFacts | undefined;
  readonly trials: readonly PageTrial[];
  /** Whether an Allure report lies beside the page. */
  readonly hasAllure: boolean;
}

/** The whole `index.html` of a run: one file that loads nothing and needs no scripts. */
export function runPage({ runId, run, trials, hasAllure }: PageFacts): string {
  const records = trials.map((one) => one.trial);
  const only = trials.length === 1 ? trials[0] : undefined;
  const outcome = only ? only.trial.verdict.outcome : runOutcome(records);
  const name = only ? only.trial.verdict.scenario : count(trials.length, 'trial');
  const anchored = records.map((trial, index) => ({ trial, anchor: anchorOf(trial, index) }));
  const pictures = picturesWithin(PICTURES_LENGTH, trials, anchored);
  const page = markup`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${outcome.toUpperCase()} · ${name} · ${runId}</title>
<link rel="icon" href="data:,"><style>${new Markup(PAGE_CSS)}</style></head><body>
<header><p class="brand">firedrill · resilience report</p>${only ? trialHead(only.trial, 1) : runHead(records, outcome, run)}</header>
<main>${only ? '' : summaryTables(anchored)}${anchored.map(({ trial, anchor }, index) => trialSection(trial, pictures[index], anchor, only !== undefined))}</main>
<footer>Run ${runId}. Everything here is computed from the journals and verdicts beside this page.${hasAllure ? markup` <a href="allure-report/index.html">Allure report</a>.` : ''}</footer>
</body></html>`;
  return `<!doctype html>\n${page.source}\n`;
}

/** The pictures of as many trials as there is room for, those that were not as expected first. */
function picturesWithin(
  length: number,
  trials: readonly PageTrial[],
  anchored: readonly { readonly anchor: string }[],
): (Markup | undefined)[] {
  const pictures: (Markup | undefined)[] = trials.map(() => undefined);
  const order = [...trials.entries()].toSorted(
    ([, left], [, right]) => Number(left.trial.verdict.asExpected) - Number(right.trial.verdict.asExpected),
  );
  let left = length;
  for (const [index, { trial, model }] of order) {
    const drawn = trialPictures(trial, model, anchored[index]?.anchor ?? '');
    left -= drawn.source.length;
    if (left < 0) break;
    pictures[index] = drawn;
  }
  return pictures;
}

/** The id of a trial's section: its own name where that can stand in a fragment; the terminal links to it. */
function anchorOf(trial: TrialRecord, index: number): string {
  return /^[\w.-]+$/.test(trial.id) ? trial.id : `trial-${index + 1}`;
}

function runHead(trials: readonly TrialRecord[], outcome: Outcome, run: RunFacts | undefined): Markup {
  const asExpected = trials.filter((trial) => trial.verdict.asExpected).length;
  const first = trials.find((trial) => !trial.verdict.asExpected);
  const why =
    trials.length === 0
      ? 'No trial was recorded: nothing was shown.'
      : first
        ? `${asExpected} of ${trials.length} trials ended as expected. The first that did not, ${titleOf(first)}: ${first.verdict.reason}`
        : `All ${trials.length} trials ended as expected.`;
  return markup`<h1>${count(trials.length, 'trial')}</h1><p class="word ${outcome}"><strong>${outcome.toUpperCase()}</strong></p><p class="why">${why}</p>${run ? markup`<pre>${run.again}</pre>` : ''}`;
}
