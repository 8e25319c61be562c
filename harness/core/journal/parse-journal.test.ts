import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sampleTrial } from '../../../reports/testing/sample-journal.ts';
import { FiredrillError } from '../errors.ts';
import { parseJournal } from './parse-journal.ts';

const LINES = sampleTrial({ shape: 'held' })
  .entries.slice(0, 40)
  .map((entry) => JSON.stringify(entry));
const WHOLE = `${LINES.join('\n')}\n`;

test('a journal cut off at any byte still gives every whole line', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: WHOLE.length }), (length) => {
      const cut = WHOLE.slice(0, length);
      const { entries, torn, wholeBytes } = parseJournal(Buffer.from(cut), 'journal.jsonl');
      assert.equal(wholeBytes, Buffer.byteLength(cut.slice(0, cut.lastIndexOf('\n') + 1)));
      assert.equal(entries.length, cut.split('\n').length - 1);
      assert.equal(torn, cut !== '' && !cut.endsWith('\n'));
    }),
  );
});

test('a last line without its newline is left out even if it parses: it may have lost digits of its last number', () => {
  const { entries, torn } = parseJournal(Buffer.from(WHOLE.trimEnd()), 'journal.jsonl');
  assert.deepEqual([entries.length, torn], [LINES.length - 1, true]);
});

test('a broken line before the end is an error with file and line', () => {
  for (const broken of [
    '{"kind":',
    '[]',
    'null',
    '{"seq":1,"monoMs":1,"wallMs":1}',
    '{"kind":"note","seq":1,"monoMs":1}',
  ]) {
    const text = [LINES[0], broken, ...LINES.slice(1), ''].join('\n');
    assert.throws(
      () => parseJournal(Buffer.from(text), 'trials/a/journal.jsonl'),
      (error) =>
        error instanceof FiredrillError &&
        error.code === 'journal.damaged' &&
        error.message.startsWith('trials/a/journal.jsonl:2: '),
      broken,
    );
  }
});

test('an empty journal has no entries and is not torn', () => {
  assert.deepEqual(parseJournal(Buffer.alloc(0), 'journal.jsonl'), {
    entries: [],
    torn: false,
    wholeBytes: 0,
  });
});
