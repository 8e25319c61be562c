import type { Duration, Verdict } from '../../harness/core/verdict.ts';
import { environmentOf } from '../facts/environment.ts';
import { describeDuration } from '../facts/wording.ts';
import { markup, type Markup } from '../markup/markup.ts';
import { startOf, type TrialRecord } from '../facts/trial-record.ts';

/** The run as JUnit XML: a violated trial is a failure, an inconclusive one an error, the figures are properties. */
export function junitXml(runId: string, trials: readonly TrialRecord[]): string {
  const suites = [...Map.groupBy(trials, (trial) => trial.verdict.scenario)];
  const xml = markup`<testsuites name="firedrill ${runId}" ${totals(trials)}>
${suites.map(
  ([
    scenario,
    members,
  ]) => markup`<testsuite name="${scenario}" ${totals(members)} timestamp="${timestamp(members[0])}">
${members.map(testcase)}</testsuite>
`,
)}</testsuites>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xml.source}\n`;
}

function totals(trials: readonly TrialRecord[]): Markup {
  const failures = trials.filter((trial) => outcomeIn(trial.verdict) === 'failure').length;
  const errors = trials.filter((trial) => outcomeIn(trial.verdict) === 'error').length;
  const seconds = trials.reduce((sum, trial) => sum + secondsOf(trial), 0);
  return markup`tests="${trials.length}" failures="${failures}" errors="${errors}" skipped="0" time="${seconds.toFixed(3)}"`;
}

function outcomeIn(verdict: Verdict): 'passed' | 'failure' | 'error' {
  if (verdict.asExpected) return 'passed';
  return verdict.outcome === 'inconclusive' ? 'error' : 'failure';
}

function testcase(trial: TrialRecord): Markup {
  const { verdict } = trial;
  const kind = outcomeIn(verdict);
  const detail = markup`${verdict.findings.map((finding) => `${finding.outcome} ${finding.check}: ${finding.reason}\n`)}again: ${verdict.again}`;
  const message = `${verdict.outcome}, expected ${verdict.expected}: ${verdict.reason}`;
  return markup`<testcase name="${nameOf(trial)}" classname="${classOf(trial)}" time="${secondsOf(trial).toFixed(3)}">
<properties>${properties(trial).map(([name, value]) => markup`<property name="${name}" value="${value}"/>`)}</properties>
${kind === 'failure' && markup`<failure message="${message}" type="violated">${detail}</failure>`}${kind === 'error' && markup`<error message="${message}" type="inconclusive">${detail}</error>`}</testcase>
`;
}

/** Of test cases with equal names GitLab and others keep the first: a repeat and a control have names of their own. */
function nameOf({ verdict, entries }: TrialRecord): string {
  const repeat = startOf(entries)?.repeatIndex ?? 0;
  return `${verdict.title}${verdict.control ? ' (control)' : ''}${repeat === 0 ? '' : ` (repeat ${repeat + 1})`}`;
}

/** Of several runs whose files are read together each has classes of its own. */
function classOf(trial: TrialRecord): string {
  const where = environmentOf(trial).map(([, value]) => value);
  return `${trial.verdict.scenario} (${where.join(', ')})`;
}

function properties(trial: TrialRecord): (readonly [string, string])[] {
  const { id, verdict } = trial;
  return [
    ['trial', id],
    ['verdict', verdict.outcome],
    ['expected', verdict.expected],
    ['control', String(verdict.control)],
    ['reason', verdict.reason],
    ...(verdict.runSeed === undefined ? [] : [['run.seed', String(verdict.runSeed)] as const]),
    ['seed', String(verdict.seed)],
    ...duration('recovery', verdict.recovery),
    ...duration('capacity', verdict.capacity),
    ['requests.total', String(verdict.requests.total)],
    ['requests.failed', String(verdict.requests.failed)],
    ...environmentOf(trial),
    ['targets', verdict.targets.map((target) => target.name).join(', ')],
    ['journal.digest', verdict.journalDigest ?? 'none'],
    ['again', verdict.again],
  ];
}

function duration(name: string, value: Duration): (readonly [string, string])[] {
  const words: readonly [string, string] = [name, describeDuration(value)];
  if (value.kind !== 'measured') return [words];
  return [
    words,
    [`${name}.seconds`, (value.ms / 1000).toFixed(3)],
    [`${name}.low.seconds`, (value.lowMs / 1000).toFixed(3)],
    [`${name}.high.seconds`, (value.highMs / 1000).toFixed(3)],
  ];
}

function secondsOf({ entries }: TrialRecord): number {
  const first = entries[0]?.monoMs ?? 0;
  return Math.max(0, (entries.at(-1)?.monoMs ?? first) - first) / 1000;
}

function timestamp(trial: TrialRecord | undefined): string {
  return new Date(Math.round(trial?.entries[0]?.wallMs ?? 0)).toISOString().slice(0, 19);
}
