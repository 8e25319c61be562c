import assert from 'node:assert/strict';
import { test } from 'node:test';
import { throughKubectl } from './kubectl-proxy.ts';

test('a folder for temporary files whose path leaves no room for a socket is told with the numbers and the variable', () => {
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = `/tmp/${'a'.repeat(90)}`;
  try {
    assert.throws(() => throughKubectl({ kubectl: '/k', words: [], env: {} }, 'https://api.test', ''), {
      message:
        /a{90} would have a path of 117 bytes, and may have 106: set TMPDIR to a folder with a shorter one/,
    });
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
});
