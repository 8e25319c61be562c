import type { EntryOf } from '../../harness/core/journal/journal.ts';
import { describeBound, type Bound } from '../../harness/core/slo/slo.ts';
import type { Finding } from '../../harness/core/verdict.ts';
import { chosenSeconds, seconds } from '../facts/wording.ts';
import { markup, type Markup } from '../markup/markup.ts';
import type { TrialRecord } from '../facts/trial-record.ts';

const SIGNS = { held: '✓', violated: '✗', inconclusive: '?' } as const;
const COLUMNS = 5;

/** The findings, under the claim that each is about; those about the trial itself come last. */
export function findingsTable({ verdict, entries }: TrialRecord): Markup {
  if (verdict.findings.length === 0) return markup`<p class="quiet">No finding was made.</p>`;
  const claims = entries.filter((entry): entry is EntryOf<'slo.claim'> => entry.kind === 'slo.claim');
  const claimed = claims.map((claim) => ({
    claim,
    findings: verdict.findings.filter((finding) => finding.claimId === claim.claimId),
  }));
  const others = verdict.findings.filter(
    (finding) => !claims.some((claim) => claim.claimId === finding.claimId),
  );
  return markup`<div class="table"><table><thead><tr><th scope="col">Outcome</th><th scope="col">Check</th><th scope="col">What was found</th><th scope="col" class="number">Measured</th><th scope="col" class="number">Allowed</th></tr></thead>
${claimed.map(({ claim, findings }) => group(`SLO ${claim.sloId}: ${describeClaim(claim)}`, claim.query, findings))}${
    others.length > 0 ? group('The trial itself', '', others) : ''
  }</table></div>`;
}

function group(heading: string, query: string, findings: readonly Finding[]): Markup {
  return markup`<tbody><tr><th scope="colgroup" colspan="${COLUMNS}">${heading}${query === '' ? '' : markup`<p><code>${query}</code></p>`}</th></tr>${findings.map(row)}</tbody>`;
}

function row(finding: Finding): Markup {
  return markup`<tr><td class="outcome ${finding.outcome}">${SIGNS[finding.outcome]} ${finding.outcome}</td><td data-label="check">${finding.check}</td><td class="words">${finding.reason}</td><td class="number" data-label="measured">${figure(finding, finding.measured, seconds)}</td><td class="number" data-label="allowed">${figure(finding, finding.allowed, chosenSeconds)}</td></tr>`;
}

function figure(finding: Finding, value: number | undefined, words: (ms: number) => string): string {
  if (value === undefined) return '\u2013';
  if (finding.unit === 'ms') return words(value);
  return `${Number(value.toPrecision(4))}${finding.unit === undefined ? '' : ` ${finding.unit}`}`;
}

/** What the scenario claims, in words: `>= 0.99 again within 10 s, stable for 5 s`. */
function describeClaim(claim: EntryOf<'slo.claim'>): string {
  const bound = claim.bound === undefined ? '' : `${boundWords(claim.bound)} `;
  const within = claim.withinMs === undefined ? '' : ` within ${chosenSeconds(claim.withinMs)}`;
  switch (claim.claim) {
    case 'recover-within':
      return `${bound}again${within}, and for ${chosenSeconds(claim.stableForMs)} from then on`;
    case 'capacity-within':
      return `all replicas ready again${within}, and for ${chosenSeconds(claim.stableForMs)} from then on`;
    case 'hold-while':
      return `${bound}all the time`;
    case 'fire-within':
      return `fires${within}`;
    case 'resolve-within':
      return `resolves${within}`;
    case 'stay-silent':
      return `stays silent`;
    case 'fenced-first':
      return 'powered off before the first of its pods is deleted';
    case 'assertion':
      return 'the assertions of the scenario';
  }
}

function boundWords(bound: Bound): string {
  return describeBound(bound).replace('>=', '\u2265').replace('<=', '\u2264');
}
