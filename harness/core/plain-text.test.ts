import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import { test } from 'node:test';
import fc from 'fast-check';
import { describeError, FiredrillError } from './errors.ts';
import { isolateDirection, tame, tameJson, tameLines } from './plain-text.ts';

const HOSTILE = 'a \u001b[2K\rHELD\u009b2J\u0007 \u202ekcab\u2066 b\nc';

test('nothing in tame text moves a cursor, begins a line or changes the order of its neighbours', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const one of [tame(text), tame(`${HOSTILE}${text}`)]) {
        assert.doesNotMatch(one, /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066\u2067]/);
        assert.equal(stripVTControlCharacters(one), one);
        assert.equal(one.match(/\u2068/g)?.length, one.match(/\u2069/g)?.length);
      }
    }),
  );
});

test('text that runs from left to right is as it was, text from right to left keeps to its place', () => {
  assert.equal(tame('node-2: Größe, 大きさ ✓'), 'node-2: Größe, 大きさ ✓');
  assert.equal(isolateDirection('צומת 99.0'), '\u2068צומת 99.0\u2069');
  assert.equal(tame('a\u202eb\u202c'), 'a\ufffdb\ufffd');
});

test('an isolate that a text brings along does not end ours', () => {
  assert.equal(isolateDirection('צ\u2069 outside'), '\u2068צ\ufffd outside\u2069');
});

test('lines stay lines, as far indented as they were', () => {
  assert.equal(tameLines('one\r\n  two \u001b[31mred\u001b[0m\n\n'), 'one\n  two red\n\n');
});

test('JSON for a terminal says the same, and holds no code that the terminal would act on', () => {
  const json = JSON.stringify({ title: HOSTILE });
  assert.deepEqual(JSON.parse(tameJson(json)), { title: HOSTILE });
  assert.doesNotMatch(tameJson(json), /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
});

test('an error that quotes somebody else moves no cursor', () => {
  const error = new FiredrillError('journal.damaged', 'a \u001b[2J\rb', { cause: new Error('c\u009b2Kd') });
  assert.equal(describeError(error), '[journal.damaged] a  b\n  because: cd');
});
