import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { shellWord } from './shell-word.ts';

test('a shell reads every word as it was', () => {
  const words = [
    "it's prod/eu (blue)",
    'a=b',
    '',
    '$HOME `x` "y" *',
    '--nodes=pool in (a, b)',
    'line\nbreak',
  ];
  const read = execFileSync('sh', ['-c', `printf '%s\\0' ${words.map(shellWord).join(' ')}`], {
    encoding: 'utf8',
  });
  assert.deepEqual(read.split('\0').slice(0, -1), words);
});
