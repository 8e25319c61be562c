import { recoveryLimit } from '../facts/claims.ts';
import { spreadOf, describeSpread } from '../facts/distribution.ts';
import { userCost } from '../facts/users.ts';
import { chosenSeconds, count, figureOf, percent, titleOf } from '../facts/wording.ts';
import { runOutcome, type TrialRecord } from '../facts/trial-record.ts';
import { tame } from '../../harness/core/plain-text.ts';
import { largest } from '../../harness/core/extremes.ts';

/** GitHub cuts a summary off at 1 MiB; so many rows stay far below. */
const MOST_ROWS = 300;
const SIGNS = { held: '✅', violated: '❌', inconclusive: '❔' } as const;

/** The run as Markdown for a job summary: the outcome, a row per trial, and the line that runs it again. */
export function jobSummary(trials: readonly TrialRecord[], again: string | undefined): string {
  const outcome = runOutcome(trials);
  const unexpected = trials.filter((trial) => !trial.verdict.asExpected);
  const expected = trials.filter((trial) => trial.verdict.asExpected);
  const lines = [
    `## ${SIGNS[outcome]} ${outcome.toUpperCase()}: ${headline(trials, unexpected)}`,
    '',
    ...(trials.length > 0 ? [...table([...unexpected, ...expected]), ''] : []),
    ...spreads(trials),
  ];
  const line = unexpected[0]?.verdict.again ?? again;
  if (line !== undefined && line !== '') lines.push('Run it again:', '', fenced(line), '');
  return lines.join('\n');
}

function headline(trials: readonly TrialRecord[], unexpected: readonly TrialRecord[]): string {
  const [only] = trials;
  if (!only) return 'no trial was recorded';
  if (trials.length === 1) return `${inline(only.verdict.scenario)} › ${inline(only.verdict.title)}`;
  return `${trials.length - unexpected.length} of ${count(trials.length, 'trial')} as expected`;
}

function table(trials: readonly TrialRecord[]): string[] {
  const rows = trials.slice(0, MOST_ROWS).map((trial) => {
    const { verdict, entries } = trial;
    const users = userCost(verdict, entries);
    const limit = recoveryLimit(verdict, entries);
    const budget =
      users?.budgetShare === undefined ? '' : `, ${percent(users.budgetShare)} of the 30-day budget`;
    return cells([
      `${SIGNS[verdict.outcome]} ${verdict.outcome}${verdict.asExpected && verdict.outcome !== 'held' ? ', as expected' : ''}`,
      `${inline(verdict.scenario)} › ${inline(verdict.title)}${verdict.control ? ' (control)' : ''}`,
      figureOf(verdict.recovery),
      limit ? chosenSeconds(limit.withinMs) : '–',
      figureOf(verdict.capacity),
      users ? `${users.failed} of ${users.total}${budget}` : 'none sent',
      String(verdict.seed),
      inline(verdict.reason),
    ]);
  });
  const more =
    trials.length > MOST_ROWS
      ? ['', `${trials.length - MOST_ROWS} more as expected are in \`index.html\`.`]
      : [];
  const head = [
    'Verdict',
    'Trial',
    'Users restored',
    'Allowed',
    'Capacity',
    'Failed requests',
    "Trial's seed",
    'Why',
  ];
  return [
    cells(head),
    cells(['---', '---', '---:', '---:', '---:', '---:', '---:', '---']),
    ...rows,
    ...more,
  ];
}

function spreads(trials: readonly TrialRecord[]): string[] {
  const groups = Map.groupBy(trials, titleOf);
  const lines = [...groups].flatMap(([title, members]) => {
    if (members.length < 2) return [];
    const of = (name: 'recovery' | 'capacity'): string =>
      describeSpread(spreadOf(members.map((one) => one.verdict[name])));
    return [`- **${inline(title)}**: users restored ${of('recovery')}; capacity ${of('capacity')}`];
  });
  return lines.length > 0 ? [...lines, ''] : [];
}

function cells(texts: readonly string[]): string {
  return `| ${texts.join(' | ')} |`;
}

/** Text that Markdown and HTML take for text. */
function inline(text: string): string {
  return tame(text)
    .replace(/\s+/g, ' ')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_{}[\]()#!|~@]/g, (found) => `&#${found.charCodeAt(0)};`);
}

/** A code block whose fence is longer than any in the text. */
function fenced(text: string): string {
  const fence = '`'.repeat(
    largest(
      [...text.matchAll(/`+/g)].map((found) => found[0].length + 1),
      3,
    ),
  );
  return `${fence}\n${tame(text)}\n${fence}`;
}
