import assert from 'node:assert/strict';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../core/clock.ts';
import { trialDirectory } from '../core/journal/run-files.ts';
import type { Verdict } from '../core/verdict.ts';
import { Journal, readJournal } from './journal-file.ts';
import { judgeOpenJournals, writeVerdict } from './verdict-file.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';

const directory = temporaryDirectory('verdict');

function journalOf(trialId: string): string {
  const path = join(trialDirectory(directory, trialId), 'journal.jsonl');
  Journal.create(path, systemClock).append({ kind: 'note', text: 'recorded before the crash' });
  return path;
}
const verdictBeside = (path: string): Verdict =>
  JSON.parse(readFileSync(path.replace('journal.jsonl', 'verdict.json'), 'utf8')) as Verdict;

test('a trial whose writer was killed ends inconclusive, and what it recorded is still there', () => {
  const path = journalOf('01-killed');
  appendFileSync(path, '{"kind":"probe.sam');
  const verdicts = judgeOpenJournals(directory, 'the test runner was killed', systemClock);
  assert.deepEqual(
    verdicts.map((verdict) => verdict.outcome),
    ['inconclusive'],
  );
  assert.deepEqual(
    readJournal(path).entries.map((entry) => entry.kind),
    ['note', 'trial.ended'],
  );
  assert.equal(verdictBeside(path).outcome, 'inconclusive');
});

test('trials that have a verdict are left alone', () => {
  assert.deepEqual(judgeOpenJournals(directory, 'again', systemClock), []);
});

test('a journal that ended and was not judged is judged as it ended', () => {
  const path = journalOf('02-ended');
  const journal = Journal.reopen(path, systemClock);
  journal.append({ kind: 'trial.ended', how: 'error', error: 'the disk was full' });
  journal.close();
  judgeOpenJournals(directory, 'killed', systemClock);
  assert.equal(readJournal(path).entries.filter((entry) => entry.kind === 'trial.ended').length, 1);
});

test('judging the same journal again gives the same verdict', () => {
  const path = journalOf('03-again');
  assert.deepEqual(writeVerdict(path), writeVerdict(path));
});
