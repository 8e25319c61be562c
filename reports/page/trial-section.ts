import { entriesOf } from '../../harness/core/journal.ts';
import type { Finding } from '../../harness/core/verdict.ts';
import { claimResults } from '../facts/claims.ts';
import { userCost } from '../facts/users.ts';
import { describeDuration, percent, seconds } from '../facts/wording.ts';
import { markup } from '../markup.ts';
import type { Markup } from '../markup.ts';
import type { TimelineModel } from '../timeline/index.ts';
import { timelinePart, waterfallPart } from '../timeline/index.ts';
import type { TrialRecord } from '../trial-record.ts';
import { startOf } from '../trial-record.ts';

/** Everything about one trial: the verdict, the picture, the steps, the findings, and what it ran on. */
export function trialSection(trial: TrialRecord, model: TimelineModel, anchor: string, isOnly: boolean): Markup {
  const { verdict } = trial;
  const waterfall = (['wide', 'narrow'] as const).map((shape) => waterfallPart(trial, { shape, idPrefix: `${anchor}-${shape}-` }));
  return markup`<section class="trial${isOnly ? ' only' : ''}" id="${anchor}" aria-labelledby="${anchor}-heading">
<h2 id="${anchor}-heading">${verdict.scenario} › ${verdict.title}${verdict.control ? ' (control)' : ''}</h2>
${isOnly ? '' : markup`${verdictWord(trial)}<p class="why">${verdict.reason}</p>`}
${headline(trial)}${problems(trial)}
<figure>${(['wide', 'narrow'] as const).map((shape) => timelinePart(model, { shape, idPrefix: `${anchor}-${shape}-` }))}</figure>
${waterfall.some((one) => one !== undefined) ? markup`<h3>Recovery</h3><figure>${waterfall}<figcaption>Every block has its own axis. Users restored and capacity are different promises and not compared with each other.</figcaption></figure>` : ''}
<h3>Findings</h3>${findings(trial)}
<div class="columns">${circumstances(trial)}</div>
<h3>Run it again</h3><pre>${verdict.again === '' ? 'not known: the trial was cut short before it was written' : verdict.again}</pre>
</section>`;
}

/** The outcome in large letters; what was expected is said where it differs from held. */
export function verdictWord({ verdict }: TrialRecord): Markup {
  const expectation =
    verdict.expected === 'held' && verdict.asExpected
      ? ''
      : markup` <small class="quiet">${verdict.asExpected ? 'as expected' : `expected ${verdict.expected}`}</small>`;
  return markup`<p class="word ${verdict.outcome}">${verdict.outcome.toUpperCase()}${expectation}</p>`;
}

function headline(trial: TrialRecord): Markup {
  const { verdict } = trial;
  const users = userCost(verdict, trial.entries);
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Users restored after', describeDuration(verdict.recovery)],
    ['Full capacity after', describeDuration(verdict.capacity)],
    ['Requests failed', users ? `${users.failed} of ${users.total}` : 'none was sent'],
    ['30-day error budget spent', users?.budgetShare === undefined ? undefined : percent(users.budgetShare)],
  ];
  return markup`<dl class="facts">${facts.map(([name, value]) => value !== undefined && markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function problems({ problems: found }: TrialRecord): Markup {
  if (found.length === 0) return markup``;
  return markup`<div class="problems" role="note"><strong>This trial is incomplete.</strong><ul>${found.map((one) => markup`<li>${one}</li>`)}</ul></div>`;
}

function findings(trial: TrialRecord): Markup {
  const claims = new Map(claimResults(trial.verdict, trial.entries).map(({ claim }) => [claim.claimId, claim] as const));
  if (trial.verdict.findings.length === 0) return markup`<p class="quiet">No finding was made.</p>`;
  return markup`<div class="table"><table><thead><tr><th scope="col">Outcome</th><th scope="col">Check</th><th scope="col">SLO</th><th scope="col">What was found</th><th scope="col" class="number">Measured</th><th scope="col" class="number">Allowed</th></tr></thead><tbody>${trial.verdict.findings.map((finding) => {
    const claim = finding.claimId === undefined ? undefined : claims.get(finding.claimId);
    const slo = finding.sloId ?? claim?.sloId ?? '';
    return markup`<tr><td class="outcome ${finding.outcome}">${SIGNS[finding.outcome]} ${finding.outcome}</td><td data-label="check">${finding.check}</td><td data-label="SLO">${slo}${claim ? markup`<br><code class="quiet">${claim.query}</code>` : ''}</td><td>${finding.reason}</td><td class="number" data-label="measured">${figure(finding, finding.measured)}</td><td class="number" data-label="allowed">${figure(finding, finding.allowed)}</td></tr>`;
  })}</tbody></table></div>`;
}

const SIGNS = { held: '✓', violated: '✗', inconclusive: '?' } as const;

function figure(finding: Finding, value: number | undefined): string {
  if (value === undefined) return '\u2013';
  if (finding.unit === 'ms') return seconds(value);
  return `${Number(value.toPrecision(4))}${finding.unit === undefined ? '' : ` ${finding.unit}`}`;
}

function circumstances(trial: TrialRecord): Markup {
  const { verdict, entries } = trial;
  const start = startOf(entries);
  const hits = entriesOf(entries, 'fault.resolved');
  const targets = verdict.targets.map((target) => `${target.name}${target.zone === undefined ? '' : `, ${target.zone}`}`);
  const run: readonly (readonly [string, string])[] = [
    ['seed', String(verdict.seed)],
    ['started', start ? new Date(start.wallMs).toISOString() : 'not known'],
    ['cluster', `${verdict.cluster.name} (${verdict.cluster.provider}, Kubernetes ${verdict.cluster.kubernetesVersion})`],
    ['machine interface', start?.cluster.machineProfile ?? 'not known'],
    ['targets', targets.length > 0 ? targets.join('; ') : 'none resolved'],
    ...hits.map((hit): readonly [string, string] => ['replicas hit', `${hit.podsHit} of ${hit.podsTotal}${hit.leaderHit ? ', and the leader of the healer' : ''}`]),
    ['trial', verdict.trialId],
  ];
  return markup`<div><h3>Trial</h3>${pairs(run)}</div>
<div><h3>Versions</h3>${pairs(Object.entries(verdict.versions))}</div>
${Object.keys(verdict.digests).length > 0 ? markup`<div><h3>Images</h3>${pairs(Object.entries(verdict.digests))}</div>` : ''}
<div><h3>Deviations from production</h3>${verdict.deviations.length > 0 ? markup`<ul>${verdict.deviations.map((one) => markup`<li>${one}</li>`)}</ul>` : markup`<p class="quiet">none</p>`}</div>
<div><h3>Files</h3><ul>${['journal.jsonl', 'verdict.json', 'timeline.svg'].map((name) => markup`<li><a href="trials/${encodeURIComponent(trial.id)}/${name}">${name}</a></li>`)}</ul></div>`;
}

function pairs(rows: readonly (readonly [string, string])[]): Markup {
  return markup`<dl class="pairs">${rows.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}
