import { recoveryLimit } from '../facts/claims.ts';
import { spreadOf } from '../facts/distribution.ts';
import { userCost } from '../facts/users.ts';
import { figureOf, titleOf } from '../facts/wording.ts';
import { markup, type Markup } from '../markup/markup.ts';
import { drawStrips } from '../timeline/strip.ts';
import { startOf, type TrialRecord } from '../facts/trial-record.ts';

/** A trial and the id of its section on the page. */
interface Anchored {
  readonly trial: TrialRecord;
  readonly anchor: string;
}

/** All trials of a run: those that ran more than once with the distribution of their figures, the others in one table. */
export function summaryTables(trials: readonly Anchored[]): Markup {
  const groups = [...Map.groupBy(trials, ({ trial }) => titleOf(trial))];
  const repeated = groups.filter(([, members]) => members.length > 1);
  const single = groups.flatMap(([, members]) => (members.length === 1 ? members : []));
  return markup`${single.length > 0 ? markup`<section class="group" aria-label="Trials">${table(single, ({ trial }) => titleOf(trial))}</section>` : ''}
${repeated.map(([title, members], index) => markup`<section class="group" aria-label="${title}"><h2>${title}</h2>${strips(members, `group-${index}-`)}${table(members, ({ trial }) => trial.id)}</section>`)}`;
}

function strips(members: readonly Anchored[], idPrefix: string): Markup {
  const verdicts = members.map(({ trial }) => trial.verdict);
  const rows = [
    {
      name: 'Users restored',
      spread: spreadOf(verdicts.map((verdict) => verdict.recovery)),
    },
    {
      name: 'Capacity',
      spread: spreadOf(verdicts.map((verdict) => verdict.capacity)),
    },
  ];
  const first = members[0]?.trial;
  const limitMs = first && recoveryLimit(first.verdict, first.entries)?.withinMs;
  const drawn = (['wide', 'narrow'] as const).map((shape) =>
    drawStrips(rows, limitMs, { shape, idPrefix: `${idPrefix}${shape}-` }),
  );
  return drawn.some((one) => one !== undefined) ? markup`<figure>${drawn}</figure>` : markup``;
}

function table(members: readonly Anchored[], name: (member: Anchored) => string): Markup {
  const hasReasons = members.some(({ trial }) => trial.verdict.outcome !== 'held');
  return markup`<div class="table"><table><thead><tr><th scope="col">Outcome</th><th scope="col">Trial</th><th scope="col" class="number">Users restored</th><th scope="col" class="number">Capacity</th><th scope="col" class="number">Failed requests</th><th scope="col" class="number">Trial's seed</th>${hasReasons && markup`<th scope="col">Why not held</th>`}</tr></thead><tbody>${members.map((member) => row(member, name(member), hasReasons))}</tbody></table></div>`;
}

function row({ trial, anchor }: Anchored, name: string, hasReasons: boolean): Markup {
  const { verdict } = trial;
  const users = userCost(verdict, trial.entries);
  const repeat = (startOf(trial.entries)?.repeatIndex ?? 0) + 1;
  const expected =
    verdict.asExpected && verdict.outcome !== 'held' ? markup` <small>as expected</small>` : '';
  return markup`<tr><td class="outcome ${verdict.outcome}">${verdict.outcome}${expected}</td><td><a href="#${anchor}">${name}</a>${repeat > 1 ? `, repeat ${repeat}` : ''}</td><td class="number" data-label="users restored">${figureOf(verdict.recovery)}</td><td class="number" data-label="capacity">${figureOf(verdict.capacity)}</td><td class="number" data-label="failed requests">${users ? `${users.failed} of ${users.total}` : '\u2013'}</td><td class="number" data-label="trial's seed">${verdict.seed}</td>${hasReasons && markup`<td class="words">${verdict.outcome === 'held' ? '' : verdict.reason}</td>`}</tr>`;
}
