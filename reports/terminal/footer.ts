import type { Outcome, Verdict } from '../../harness/core/verdict.ts';
import { paint, toneOf, type TerminalStyle } from './style.ts';
import { tame } from '../../harness/core/plain-text.ts';

/** What the last lines of a run say. */
interface FooterFacts {
  readonly outcome: Outcome;
  readonly verdicts: readonly Verdict[];
  /** Path of the report, relative to where the reader stands. */
  readonly indexHtml: string;
  /** Folder of the clusters' logs, where they were kept. */
  readonly logs?: string;
  /** The line that runs all of it again. */
  readonly again: string;
}

/**
 * The last lines: the outcome with the one place to look, and the line that runs it again. After a failure both are
 * those of the first trial that was not as expected.
 */
export function formatFooter(facts: FooterFacts, style: TerminalStyle): string {
  const failed = facts.verdicts.find((verdict) => !verdict.asExpected);
  const place =
    failed && facts.verdicts.length > 1 ? `${facts.indexHtml}#${failed.trialId}` : facts.indexHtml;
  const again = failed && failed.again !== '' ? failed.again : facts.again;
  const word = facts.outcome.toUpperCase();
  const width = Math.max(6, word.length) + 2;
  const lines: string[] = [];
  if (facts.verdicts.length > 1) lines.push(`  ${' '.repeat(width)}${tally(facts.verdicts)}`);
  lines.push(
    `  ${paint(word, toneOf(facts.outcome), style)}${' '.repeat(width - word.length)}${tame(place)}`,
  );
  if (facts.logs !== undefined) lines.push(`  ${'logs:'.padEnd(width)}${tame(facts.logs)}`);
  if (again !== '') lines.push(`  ${'again:'.padEnd(width)}${tame(again)}`);
  return lines.join('\n');
}

function tally(verdicts: readonly Verdict[]): string {
  const counts = (['held', 'violated', 'inconclusive'] as const).flatMap((outcome) => {
    const number = verdicts.filter((verdict) => verdict.outcome === outcome).length;
    return number === 0 ? [] : [`${number} ${outcome}`];
  });
  const asExpected = verdicts.filter((verdict) => verdict.asExpected).length;
  return `${verdicts.length} trials: ${counts.join(', ')}; ${asExpected} of ${verdicts.length} as expected`;
}
