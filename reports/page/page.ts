import type { Outcome } from '../../harness/core/verdict.ts';
import { userCost } from '../facts/users.ts';
import { count, describeDuration } from '../facts/wording.ts';
import { markup } from '../markup.ts';
import type { Markup } from '../markup.ts';
import type { TimelineModel } from '../timeline/index.ts';
import { runOutcome, startOf } from '../trial-record.ts';
import type { TrialRecord } from '../trial-record.ts';
import { PAGE_CSS } from './style.ts';
import { trialSection, verdictWord } from './trial-section.ts';

export interface PageTrial {
  readonly trial: TrialRecord;
  readonly model: TimelineModel;
}

export interface PageFacts {
  readonly runId: string;
  readonly trials: readonly PageTrial[];
  /** Whether an Allure report lies beside the page. */
  readonly hasAllure: boolean;
}

/** The whole `index.html` of a run: one file that loads nothing and needs no scripts. */
export function runPage({ runId, trials, hasAllure }: PageFacts): string {
  const records = trials.map((one) => one.trial);
  const only = trials.length === 1 ? trials[0] : undefined;
  const outcome = runOutcome(records);
  const word = only ? only.trial.verdict.outcome : outcome;
  return `<!doctype html>\n${
    markup`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${word.toUpperCase()} · ${only ? only.trial.verdict.scenario : count(trials.length, 'trial')} · ${runId}</title>
<link rel="icon" href="data:,"><style>${raw(PAGE_CSS)}</style></head><body>
<header><h1>firedrill · resilience report</h1>${only ? markup`${verdictWord(only.trial)}<p class="why">${only.trial.verdict.reason}</p>` : runHead(records, outcome)}</header>
<main>${only ? '' : summaryTable(records)}${trials.map(({ trial, model }, index) => trialSection(trial, model, anchorOf(trial, index), only !== undefined))}</main>
<footer>Run ${runId}. Everything here is computed from the journals and verdicts beside this page.${hasAllure ? markup` <a href="allure-report/index.html">Allure report</a>.` : ''}</footer>
</body></html>`.source
  }\n`;
}

/** The id of a trial's section, safe for a fragment; the terminal links to it. */
export function anchorOf(trial: TrialRecord, index: number): string {
  const id = trial.id.replace(/[^A-Za-z0-9_.-]/g, '-');
  return /^[A-Za-z]/.test(id) ? id : `trial-${index + 1}-${id}`;
}

function raw(css: string): Markup {
  return markup([css] as unknown as TemplateStringsArray);
}

function runHead(trials: readonly TrialRecord[], outcome: Outcome): Markup {
  const asExpected = trials.filter((trial) => trial.verdict.asExpected).length;
  const first = trials.find((trial) => !trial.verdict.asExpected);
  const why =
    trials.length === 0
      ? 'No trial was recorded: nothing was shown.'
      : first
        ? `${asExpected} of ${trials.length} trials ended as expected. First that did not: ${first.verdict.reason}`
        : `All ${trials.length} trials ended as expected.`;
  return markup`<p class="word ${outcome}">${outcome.toUpperCase()}</p><p class="why">${why}</p>`;
}

function summaryTable(trials: readonly TrialRecord[]): Markup {
  if (trials.length === 0) return markup``;
  return markup`<h3>Trials</h3><div class="table"><table><thead><tr><th scope="col">Outcome</th><th scope="col">Trial</th><th scope="col" class="number">Users restored</th><th scope="col" class="number">Capacity</th><th scope="col" class="number">Failed requests</th><th scope="col" class="number">Seed</th><th scope="col">Why</th></tr></thead><tbody>${trials.map((trial, index) => {
    const { verdict } = trial;
    const users = userCost(verdict, trial.entries);
    const repeat = startOf(trial.entries)?.repeatIndex ?? 0;
    return markup`<tr><td class="outcome ${verdict.outcome}">${verdict.outcome}${verdict.asExpected && verdict.outcome !== 'held' ? markup`<br><small>as expected</small>` : ''}</td><td><a href="#${anchorOf(trial, index)}">${verdict.scenario} › ${verdict.title}</a>${repeat > 0 ? ` #${repeat + 1}` : ''}${verdict.control ? ' (control)' : ''}</td><td class="number" data-label="users restored">${describeShort(verdict.recovery)}</td><td class="number" data-label="capacity">${describeShort(verdict.capacity)}</td><td class="number" data-label="failed requests">${users ? `${users.failed} of ${users.total}` : '\u2013'}</td><td class="number" data-label="seed">${verdict.seed}</td><td>${verdict.reason}</td></tr>`;
  })}</tbody></table></div>`;
}

function describeShort(duration: TrialRecord['verdict']['recovery']): string {
  return duration.kind === 'unknown' ? 'unknown' : describeDuration(duration);
}
