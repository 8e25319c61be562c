import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wholeNumber } from './verb.ts';

test('a whole number is written in decimal digits, and lies within its limits', () => {
  assert.equal(wholeNumber('--nodes', '10', 1, 10), 10);
  for (const text of ['1e1', '0x3', ' 3', '', '3.0', '-3', '0', '11'])
    assert.throws(
      () => wholeNumber('--nodes', text, 1, 10),
      { code: 'cli.bad-number', userError: true },
      text,
    );
});
