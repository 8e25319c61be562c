import { entriesOf, type Entry } from '../../harness/core/journal/journal.ts';
import { readInjections } from '../../harness/core/recovery/trial-facts.ts';
import type { Duration, Mark, Verdict } from '../../harness/core/verdict.ts';
import { capacityLimit, claimResults, recoveryLimit, type LimitResult } from '../facts/claims.ts';
import { healingInWords } from '../facts/healing.ts';
import { stockFor } from '../facts/stock.ts';
import { userCost } from '../facts/users.ts';
import {
  chosenSeconds,
  describeFault,
  findMark,
  offsetDuration,
  offsetSeconds,
  percent,
  seconds,
  titleOf,
} from '../facts/wording.ts';
import { padTo, paint, screenWidth, toneOf, type TerminalStyle } from './style.ts';
import { tame } from '../../harness/core/plain-text.ts';
import { largest } from '../../harness/core/extremes.ts';

/** One line under a trial: a name, an instant, words, and the figures to compare it with. */
interface Row {
  readonly name: string;
  readonly time?: string;
  readonly text: string;
  readonly claim?: string;
  readonly stock?: string;
}

const INDENT = ' '.repeat(6);
const NAME_WIDTH = 11;
const TIME_WIDTH = 10;
const CLAIM_GAP = 4;

/** The block of one trial: its title with the outcome, then one line for everything that was measured. */
export function formatTrial(verdict: Verdict, entries: readonly Entry[], style: TerminalStyle): string {
  const rows = [...faultRows(entries), ...recoveryRows(verdict, entries), ...otherRows(verdict, entries)];
  return [title(verdict, style), ...layOut(rows.map(tamed), style)].join('\n');
}

function title(verdict: Verdict, style: TerminalStyle): string {
  const symbol = verdict.asExpected ? '✓' : verdict.outcome === 'inconclusive' ? '?' : '✗';
  const tone = verdict.asExpected
    ? 'good'
    : toneOf(verdict.outcome === 'held' ? 'violated' : verdict.outcome);
  const expectation =
    verdict.asExpected && verdict.outcome === 'held'
      ? ''
      : verdict.asExpected
        ? `  ${verdict.outcome}, as expected`
        : `  ${verdict.outcome}${verdict.expected === 'held' ? '' : `, expected ${verdict.expected}`}`;
  return `  ${paint(symbol, tone, style)} ${tame(titleOf({ verdict }))}${paint(expectation, tone, style)}`;
}

function faultRows(entries: readonly Entry[]): Row[] {
  return readInjections(entries).map((injection) => {
    const { fault, requestedMonoMs, resolved, effective, ineffective } = injection;
    const hit =
      resolved && resolved.podsTotal > 0
        ? `, ${resolved.podsHit} of ${resolved.podsTotal} replicas${fault.target.kind === 'node' ? ' on it' : ''}`
        : '';
    const proof = effective
      ? `effective ${offsetSeconds(effective.effectiveMonoMs - requestedMonoMs)}`
      : ineffective
        ? `no effect seen within ${seconds(ineffective.waitedMs)}`
        : 'not seen to take effect';
    return {
      name: 'fault',
      text: `${describeFault(injection)}${hit}      ${proof}`,
    };
  });
}

function recoveryRows(verdict: Verdict, entries: readonly Entry[]): Row[] {
  const zero = findMark(verdict.marks, 'effective');
  if (!zero) return [];
  const at = (mark: Mark): string => offsetSeconds(mark.monoMs - zero.monoMs);
  const rows: Row[] = [];
  for (const name of ['detected', 'acted'] as const) {
    const mark = findMark(verdict.marks, name);
    if (mark) rows.push({ name, time: at(mark), text: wordsOf(mark, entries) });
  }
  // Of a trial that held it may be a step that waited for another.
  const refused = verdict.outcome === 'held' ? '' : healingInWords(entries, 'refused');
  if (refused !== '') rows.push({ name: 'refused', text: refused });
  const stock = stockFor(entries);
  const limit = recoveryLimit(verdict, entries);
  const whole = capacityLimit(verdict, entries);
  rows.push({
    name: 'restored',
    ...endOf(verdict.recovery, 'users served again', 'users not served again'),
    ...(limit ? { claim: limitText(limit) } : {}),
    ...(stock && verdict.recovery.kind !== 'unknown' ? { stock: stockText(stock.restoredMs) } : {}),
  });
  const replicas = entriesOf(entries, 'capacity').at(-1);
  rows.push({
    name: 'capacity',
    ...endOf(
      verdict.capacity,
      replicas ? `${replicas.ready} of ${replicas.wanted} Ready` : 'all Ready',
      replicas ? `${replicas.ready} of ${replicas.wanted} Ready` : 'not all Ready',
    ),
    ...(whole ? { claim: limitText(whole) } : {}),
    ...(stock && verdict.capacity.kind !== 'unknown' ? { stock: stockText(stock.capacityMs[1]) } : {}),
  });
  return rows;
}

/** The words of a mark. The mark of acting is the first write; all writes that followed are told beside it. */
function wordsOf(mark: Mark, entries: readonly Entry[]): string {
  const acts = mark.name === 'acted' && mark.seenBy === 'healer' ? healingInWords(entries, 'acted') : '';
  return acts !== '' ? acts : (mark.detail ?? `seen by ${mark.seenBy}`);
}

function endOf(duration: Duration, reached: string, missed: string): { time?: string; text: string } {
  switch (duration.kind) {
    case 'measured':
      return { time: offsetDuration(duration), text: reached };
    case 'no-impact':
      return { time: 'none', text: 'no impact was seen' };
    case 'censored':
      return {
        time: `> ${seconds(duration.atLeastMs)}`,
        text: `${missed} within ${seconds(duration.atLeastMs)}`,
      };
    case 'unknown':
      return { time: 'unknown', text: duration.reason };
  }
}

function otherRows(verdict: Verdict, entries: readonly Entry[]): Row[] {
  const rows: Row[] = [];
  for (const result of claimResults(verdict, entries)) {
    if (result.claim.claim === 'recover-within' || result.claim.claim === 'capacity-within') continue;
    if (result.claim.claim === 'assertion' && result.outcome === 'held') continue;
    rows.push({
      name: 'claim',
      text: result.findings[0]?.reason ?? result.claim.claim,
      claim: result.outcome,
    });
  }
  const users = userCost(verdict, entries);
  if (users) {
    const budget =
      users.budgetShare === undefined ? '' : `; ${percent(users.budgetShare)} of the 30-day budget`;
    rows.push({ name: 'users', text: `${users.failed} of ${users.total} requests failed${budget}` });
  }
  if (verdict.journalDigest !== undefined)
    rows.push({ name: 'journal', text: `ends with ${verdict.journalDigest}` });
  if (verdict.outcome !== 'held' || !verdict.asExpected)
    // The next step of an error stands on a line of its own.
    for (const [line, text] of verdict.reason.split('\n').entries())
      rows.push({ name: line === 0 ? 'why' : '', text });
  return rows;
}

function layOut(rows: readonly Row[], style: TerminalStyle): string[] {
  const compared = rows.filter((row) => row.claim !== undefined || row.stock !== undefined);
  const textWidth = largest(
    compared.map((row) => screenWidth(row.text)),
    0,
  );
  const claimWidth = largest(
    compared.map((row) => screenWidth(row.claim ?? '')),
    0,
  );
  return rows.flatMap((row) => {
    const start = `${INDENT}${padTo(row.name, NAME_WIDTH)}${row.time === undefined ? '' : padTo(`${row.time}  `, TIME_WIDTH)}`;
    const end = [
      ...(claimWidth > 0 && (row.claim !== undefined || row.stock !== undefined)
        ? [padTo(row.claim ?? '', claimWidth)]
        : []),
      ...(row.stock === undefined ? [] : [row.stock]),
    ];
    const line = [`${start}${end.length > 0 ? padTo(row.text, textWidth) : row.text}`, ...end];
    const whole = line.join(' '.repeat(CLAIM_GAP)).trimEnd();
    if (screenWidth(whole) <= style.columns) return [whole];
    const under = INDENT + ' '.repeat(NAME_WIDTH + TIME_WIDTH);
    const beneath = end.map((text) => text.trim()).filter((text) => text !== '');
    const joined = under + beneath.join(' '.repeat(CLAIM_GAP));
    const lines = screenWidth(joined) <= style.columns ? [joined] : beneath.map((text) => under + text);
    return [`${start}${row.text}`, ...(beneath.length > 0 ? lines : [])];
  });
}

function limitText(limit: LimitResult): string {
  return `SLO <= ${chosenSeconds(limit.withinMs)} ${limit.outcome}`;
}

function stockText(ms: number): string {
  return `stock Kubernetes: about ${String(Math.round(ms / 1000)).padStart(3)} s, measured apart`;
}

function tamed(row: Row): Row {
  return { ...row, text: tame(row.text) };
}
