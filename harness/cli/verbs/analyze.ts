import { FiredrillError } from '../../core/errors.ts';
import { tame } from '../../core/plain-text.ts';
import { judge } from '../../judge/judge.ts';
import { readJournal } from '../../trial/journal-file.ts';
import { EXIT } from '../../run/exit-code.ts';
import { journalsAt } from './journals-at.ts';
import { preferSmallHeap } from './small-heap.ts';
import { optionsOf, print, type Verb } from './verb.ts';

/** Judges a journal again, without a cluster. */
export const analyze: Verb = {
  name: 'analyze',
  summary: 'judge a journal again, without a cluster',
  help: `firedrill analyze JOURNAL [--json]

  JOURNAL   a journal.jsonl of any run, or the folder of its trial, or of a run that has one trial
  --json    the whole verdict, as in verdict.json

Exit code as for a run: 0 as expected, 1 violated, 2 inconclusive.
`,
  run(args, context) {
    const { values, positionals } = optionsOf(
      'analyze',
      args,
      { json: { type: 'boolean', default: false } },
      { positionals: true },
    );
    const [path] = positionals;
    if (path === undefined || positionals.length > 1) {
      throw new FiredrillError('cli.bad-arguments', 'firedrill analyze takes one journal', {
        hint: 'firedrill analyze reports/out/latest/trials/TRIAL/journal.jsonl',
      });
    }
    preferSmallHeap();
    const [journal = path, ...others] = journalsAt(path);
    if (others.length > 0)
      throw new FiredrillError('cli.bad-arguments', `${path} holds ${others.length + 1} journals`, {
        hint: `firedrill analyze takes one: ${[journal, ...others].join(', ')}`,
      });
    const { entries, proof } = readJournal(journal);
    const verdict = judge(entries, proof);
    print(context, values.json, verdict, [
      `${verdict.outcome.toUpperCase()}  ${tame(verdict.title)}: ${tame(verdict.reason)}`,
      ...verdict.findings.map(
        (finding) => `  ${finding.outcome.padEnd(12)} ${tame(finding.check)}: ${tame(finding.reason)}`,
      ),
      `journal: ${verdict.journalDigest ?? 'no digest'}`,
      `again: ${tame(verdict.again)}`,
    ]);
    if (verdict.asExpected) return Promise.resolve(EXIT.asExpected);
    return Promise.resolve(verdict.outcome === 'inconclusive' ? EXIT.inconclusive : EXIT.violated);
  },
};
