import { entriesOf } from '../../harness/core/journal/journal.ts';
import { describeHost } from '../facts/host.ts';
import { seedsOf } from '../facts/seeds.ts';
import { userCost } from '../facts/users.ts';
import { figureOf, percent, titleOf } from '../facts/wording.ts';
import { markup, type Markup } from '../markup/markup.ts';
import { timelinePart, waterfallPart, type TimelineModel } from '../timeline/index.ts';
import { startOf, type TrialRecord } from '../facts/trial-record.ts';
import { findingsTable } from './findings.ts';

const SHAPES = ['wide', 'narrow'] as const;
/** Both are right, and look as if one were wrong. */
const WHY_LATER =
  'Restored is the first request from which on users stayed served, and its bar spans the time that may hold the true moment. The users\u2019 curve comes back inside its bound up to 1 s later, because each of its points is the share of the second before it, and PromQL later by its own range.';
const TIMELINE = 'timeline.svg';

/** The timeline of a trial and the steps of its recovery, each for wide and for narrow screens. */
export function trialPictures(trial: TrialRecord, model: TimelineModel, anchor: string): Markup {
  const waterfall = SHAPES.map((shape) => waterfallPart(trial, { shape, idPrefix: `${anchor}-${shape}-` }));
  return markup`<figure>${SHAPES.map((shape) => timelinePart(model, { shape, idPrefix: `${anchor}-${shape}-` }))}${trial.verdict.recovery.kind === 'measured' && markup`<figcaption>${WHY_LATER}</figcaption>`}</figure>
${waterfall.some((one) => one !== undefined) ? markup`<h3>Recovery</h3><figure>${waterfall}<figcaption>Every block has an axis of its own. Users restored and capacity are different promises, and are not compared with each other.</figcaption></figure>` : ''}`;
}

/**
 * Everything about one trial: the verdict, the pictures, the findings, and what it ran on.
 *
 * @param pictures absent where they would make the page too large: the timeline lies beside the journal, too
 */
export function trialSection(
  trial: TrialRecord,
  pictures: Markup | undefined,
  anchor: string,
  isOnly: boolean,
): Markup {
  const { verdict } = trial;
  return markup`<section class="trial${isOnly ? ' only' : ''}" id="${anchor}" aria-label="${titleOf(trial)}">
${isOnly ? '' : trialHead(trial, 2)}
${headline(trial)}${problems(trial)}
${pictures ?? markup`<p class="quiet">The picture of this trial is <a href="${fileOf(trial, TIMELINE)}">${TIMELINE}</a>: a page with those of all trials would be too large.</p>`}
<h3>Findings</h3>${findingsTable(trial)}
<div class="columns">${circumstances(trial)}</div>
<h3>Run it again</h3><pre>${verdict.again === '' ? 'not known: the trial was cut short before it was written' : verdict.again}</pre>
</section>`;
}

function fileOf(trial: TrialRecord, name: string): string {
  return `trials/${encodeURIComponent(trial.id)}/${name}`;
}

/** Title, the outcome in large letters, and one sentence of why. */
export function trialHead(trial: TrialRecord, level: 1 | 2): Markup {
  const heading = level === 1 ? markup`<h1>${titleOf(trial)}</h1>` : markup`<h2>${titleOf(trial)}</h2>`;
  return markup`${heading}${verdictWord(trial)}<p class="why">${trial.verdict.reason}</p>`;
}

/** What was expected is said where it differs from held. */
function verdictWord({ verdict }: TrialRecord): Markup {
  const expectation =
    verdict.expected === 'held'
      ? ''
      : markup` <small class="quiet">${verdict.asExpected ? 'as expected' : `expected ${verdict.expected}`}</small>`;
  return markup`<p class="word ${verdict.outcome}"><strong>${verdict.outcome.toUpperCase()}</strong>${expectation}</p>`;
}

function headline(trial: TrialRecord): Markup {
  const { verdict } = trial;
  const users = userCost(verdict, trial.entries);
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Users restored after', figureOf(verdict.recovery)],
    ['Full capacity after', figureOf(verdict.capacity)],
    ['Requests failed', users ? `${users.failed} of ${users.total}` : 'none was sent'],
    ['30-day error budget spent', users?.budgetShare === undefined ? undefined : percent(users.budgetShare)],
  ];
  return markup`<dl class="facts">${facts.map(([name, value]) => value !== undefined && markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function problems({ problems: found }: TrialRecord): Markup {
  if (found.length === 0) return markup``;
  return markup`<div class="problems" role="note"><strong>This trial is incomplete.</strong><ul>${found.map((one) => markup`<li>${one}</li>`)}</ul></div>`;
}

function circumstances(trial: TrialRecord): Markup {
  const { verdict, entries } = trial;
  const start = startOf(entries);
  const hits = entriesOf(entries, 'fault.resolved');
  const targets = verdict.targets.map(
    (target) => `${target.name}${target.zone === undefined ? '' : `, ${target.zone}`}`,
  );
  const run: readonly (readonly [string, string])[] = [
    ...seedsOf(verdict),
    [
      'started',
      start ? new Date(start.wallMs).toISOString().replace('T', ' ').replace('Z', ' UTC') : 'not known',
    ],
    [
      'cluster',
      `${verdict.cluster.name} (${verdict.cluster.provider}, Kubernetes ${verdict.cluster.kubernetesVersion})`,
    ],
    ['machine interface', start?.cluster.machineProfile ?? 'not known'],
    ['targets', targets.length > 0 ? targets.join('; ') : 'none resolved'],
    ...hits.map((hit): readonly [string, string] => [
      'replicas hit',
      `${hit.podsHit} of ${hit.podsTotal}${hit.leaderHit ? ', and the leader of the healer' : ''}`,
    ]),
    ['trial', verdict.trialId],
    ['last digest of its journal', verdict.journalDigest ?? 'none'],
  ];
  return markup`<div><h3>Trial</h3>${pairs(run)}</div>
<div><h3>Versions</h3>${pairs(Object.entries(verdict.versions))}</div>
${Object.keys(verdict.digests).length > 0 ? markup`<div><h3>Images</h3>${pairs(Object.entries(verdict.digests).map(([name, digest]) => [name, shortDigest(digest)] as const))}</div>` : ''}
<div><h3>The machine it ran on</h3>${list(describeHost(entries), 'not known')}</div>
<div><h3>Deviations from production</h3>${list(verdict.deviations, 'none')}</div>
<div><h3>Files</h3><ul>${['journal.jsonl', 'verdict.json', TIMELINE].map((name) => markup`<li><a href="${fileOf(trial, name)}">${name}</a></li>`)}</ul></div>`;
}

/** The beginning tells images apart; the whole digest is in `verdict.json`. */
function shortDigest(digest: string): string {
  return digest.replace(/^((?:\w+:)?[0-9a-f]{16})[0-9a-f]{8,}$/, '$1\u2026');
}

function list(lines: readonly string[], absence: string): Markup {
  if (lines.length === 0) return markup`<p class="quiet">${absence}</p>`;
  return markup`<ul>${lines.map((one) => markup`<li>${one}</li>`)}</ul>`;
}

function pairs(rows: readonly (readonly [string, string])[]): Markup {
  if (rows.length === 0) return markup`<p class="quiet">not known</p>`;
  return markup`<dl class="pairs">${rows.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}
