import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../core/clock.ts';
import { Journal, readJournal } from './journal-file.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';

const directory = temporaryDirectory('journal');
let count = 0;
const freshPath = (): string => join(directory, `${count++}`, 'journal.jsonl');

test('what was appended is read back in order, stamped on both clocks', () => {
  const path = freshPath();
  const journal = Journal.create(path, systemClock);
  journal.append({ kind: 'note', text: 'first' });
  journal.append({ kind: 'note', text: 'second' }, { sync: true });
  journal.close();
  const { entries, torn } = readJournal(path);
  assert.equal(torn, false);
  assert.deepEqual(
    entries.map((entry) => entry.seq),
    [0, 1],
  );
  assert.deepEqual(entries, journal.entries);
  assert.ok(Math.abs((entries[0]?.wallMs ?? 0) - Date.now()) < 60_000);
});

test('a torn last line is left out, wherever it was cut', () => {
  const path = freshPath();
  const journal = Journal.create(path, systemClock);
  journal.append({ kind: 'note', text: 'whole' });
  journal.append({ kind: 'note', text: 'cut' });
  journal.close();
  const bytes = readFileSync(path);
  const firstLine = bytes.indexOf(0x0a) + 1;
  for (let length = firstLine + 1; length < bytes.length; length++) {
    writeFileSync(path, bytes.subarray(0, length));
    const content = readJournal(path);
    assert.equal(content.entries.length, 1, `cut at byte ${length}`);
    assert.equal(content.torn, true);
  }
});

test('a journal that is damaged in the middle is continued, and stays damaged', () => {
  const path = freshPath();
  Journal.create(path, systemClock).append({ kind: 'note', text: 'whole' });
  appendFileSync(path, 'no entry\n{"kind":"note","text":"added","seq":1,"monoMs":1,"wallMs":1}\n');
  const again = Journal.reopen(path, systemClock);
  again.append({ kind: 'trial.ended', how: 'interrupted' });
  again.close();
  const { entries, proof } = readJournal(path);
  assert.deepEqual(
    entries.map((entry) => entry.seq),
    [0, 1, 2],
  );
  assert.deepEqual([proof.unreadable?.line, proof.brokenAt], [2, 2]);
});

test('a journal whose writer died is continued after its last whole entry', () => {
  const path = freshPath();
  Journal.create(path, systemClock).append({ kind: 'note', text: 'whole' });
  appendFileSync(path, '{"kind":"no');
  const again = Journal.reopen(path, systemClock);
  again.append({ kind: 'trial.ended', how: 'interrupted' });
  again.close();
  const { entries, torn, proof } = readJournal(path);
  assert.equal(torn, false);
  assert.deepEqual(
    entries.map((entry) => [entry.seq, entry.kind]),
    [
      [0, 'note'],
      [1, 'trial.ended'],
    ],
  );
  assert.deepEqual(Object.keys(proof), ['digest'], 'its chain of digests goes on, too');
});

test('a journal from before there were digests is continued without them', () => {
  const path = freshPath();
  Journal.create(path, systemClock).close();
  appendFileSync(path, '{"kind":"note","text":"old","seq":0,"monoMs":1,"wallMs":1}\n');
  const again = Journal.reopen(path, systemClock);
  again.append({ kind: 'trial.ended', how: 'interrupted' });
  again.close();
  const { entries, proof } = readJournal(path);
  assert.deepEqual([entries.length, proof], [2, {}]);
});

test('listeners hear each entry until they stop; a closed journal takes no more', () => {
  const journal = Journal.create(freshPath(), systemClock);
  const heard: number[] = [];
  const stop = journal.onEntry((entry) => heard.push(entry.seq));
  journal.append({ kind: 'note', text: 'a' });
  stop();
  journal.append({ kind: 'note', text: 'b' });
  journal.close();
  journal.close();
  journal.append({ kind: 'note', text: 'late' });
  assert.deepEqual(heard, [0]);
  assert.equal(readJournal(journal.path).entries.length, 2);
});

test('a second journal in the same place is refused', () => {
  const path = freshPath();
  Journal.create(path, systemClock).close();
  assert.throws(() => Journal.create(path, systemClock), /EEXIST/);
});
