import { existsSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { runOutcome } from '../../../reports/facts/trial-record.ts';
import { count } from '../../../reports/facts/wording.ts';
import { writeReport } from '../../../reports/write.ts';
import { describeError, FiredrillError, messageOf } from '../../core/errors.ts';
import { RUN_FILES } from '../../core/journal/run-files.ts';
import { tame } from '../../core/plain-text.ts';
import { judge } from '../../judge/judge.ts';
import { EXIT } from '../../run/exit-code.ts';
import { writeVerdict } from '../../trial/verdict-file.ts';
import { journalsAt } from './journals-at.ts';
import { preferSmallHeap } from './small-heap.ts';
import { optionsOf, print, type Verb, type VerbContext } from './verb.ts';

/** Writes the reports of runs anew. */
export const report: Verb = {
  name: 'report',
  summary: 'write the reports of runs anew, from their journals',
  help: `firedrill report JOURNAL... [--no-allure] [--json]

  JOURNAL       RUN/trials/TRIAL/journal.jsonl of a run that is over, or the folder RUN for all of its journals; each run
                named so gets its report again, with all trials that lie there: the same bytes as when it ended, by the
                same version
  --no-allure   without Allure's page, which takes longest

A trial without a verdict.json is judged. One with it keeps it, and where this version judges otherwise that is told. A trial
whose journal was changed since it was judged is inconclusive.
Exit code: 0 when all was written, 70 when some part could not be.
`,
  async run(args, context) {
    const { values, positionals } = optionsOf(
      'report',
      args,
      { json: { type: 'boolean', default: false }, 'no-allure': { type: 'boolean', default: false } },
      { positionals: true },
    );
    if (positionals.length === 0)
      throw new FiredrillError(
        'cli.bad-arguments',
        'firedrill report takes the journals of a run, or its folder',
        { hint: 'firedrill report reports/out/latest' },
      );
    preferSmallHeap();
    const runs = Map.groupBy(new Set(positionals.flatMap(journalsAt)), runOf);
    const written = [];
    for (const [run, journals] of runs)
      written.push(await rebuild(run, journals, values['no-allure'] ? 'results' : 'report', context));
    print(
      context,
      values.json,
      written,
      written.map(
        ({ outcome, page, trials }) => `${outcome.toUpperCase()}  ${tame(page)}  ${count(trials, 'trial')}`,
      ),
    );
    return written.some((one) => one.problems.length > 0) ? EXIT.ownFault : EXIT.asExpected;
  },
};

/** The folder of the run that a journal lies in; `latest` is a link to it, which is followed before. */
function runOf(journal: string): string {
  const trials = dirname(dirname(journal));
  const run = dirname(trials);
  if (basename(journal) !== RUN_FILES.journal || basename(trials) !== RUN_FILES.trials)
    throw new FiredrillError('cli.bad-arguments', `${journal} does not lie in the folder of a run`, {
      hint: `a run is RUN/${RUN_FILES.trials}/TRIAL/${RUN_FILES.journal}, with ${RUN_FILES.facts} in RUN where it is there`,
    });
  if (existsSync(join(run, RUN_FILES.pid)))
    throw new FiredrillError('run.another-is-running', `the run ${run} is not over`, {
      hint: 'wait for it; what a killed one has left is concluded by the next npm test',
    });
  return run;
}

interface Rebuilt {
  readonly run: string;
  readonly outcome: string;
  readonly page: string;
  readonly trials: number;
  readonly problems: readonly string[];
}

async function rebuild(
  run: string,
  journals: readonly string[],
  allure: 'report' | 'results',
  { err, signal }: VerbContext,
): Promise<Rebuilt> {
  const unread: FiredrillError[] = [];
  const judgedNow = new Set<string>();
  for (const journal of journals) {
    if (existsSync(join(dirname(journal), RUN_FILES.verdict))) continue;
    try {
      writeVerdict(journal);
      judgedNow.add(basename(dirname(journal)));
    } catch (error) {
      // A file that is no journal is told, and hinders none of the others.
      if (!(error instanceof FiredrillError && error.code === 'journal.damaged')) throw error;
      unread.push(error);
    }
  }
  const { trials, indexHtml, problems: unmade } = await writeReport(run, { allure, signal });
  const problems = [...unread, ...unmade];
  for (const problem of problems) err(`firedrill: ${describeError(problem)}\n`);
  for (const { id, entries, proof, verdict, judged } of trials) {
    if (!judged || entries.length === 0 || judgedNow.has(id)) continue;
    const { outcome, reason } = judge(entries, proof);
    if (outcome !== verdict.outcome)
      err(
        `firedrill: ${tame(id)}: ${RUN_FILES.verdict} says ${verdict.outcome}, and this version judges its journal ${outcome}: ${tame(reason)}\n`,
      );
  }
  return {
    run,
    outcome: runOutcome(trials),
    page: relative(process.cwd(), indexHtml),
    trials: trials.length,
    problems: problems.map(messageOf),
  };
}
