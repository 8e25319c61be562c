import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { readTokenFile } from './token-file.ts';

const path = join(temporaryDirectory('token-file'), 'token');
const read = (text: string): string => {
  writeFileSync(path, text);
  return readTokenFile(path);
};

test("a token's file holds the token and white space around it", () => {
  for (const text of ['abc', 'abc\n', '\n  abc\r\n\n']) assert.equal(read(text), 'abc', JSON.stringify(text));
});

test('a file with more or less than a token is told with its line, and without what stands there', () => {
  const told: readonly (readonly [string, RegExp])[] = [
    ['', /token:1: there is no token$/],
    ['\n\n', /token:3: there is no token$/],
    ['abc\nsecond\n', /token:2: more than a token$/],
    ['token: abc', /token:1: more than a token$/],
    ['abc\n\n\nä', /token:4: more than a token$/],
  ];
  for (const [text, message] of told)
    assert.throws(
      () => read(text),
      { code: 'token.malformed', userError: true, message },
      JSON.stringify(text),
    );
});
