import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageMissing } from './node-image.ts';

test('each reason for an image that cannot be pulled has its own next step', () => {
  const cases: readonly [string, string, RegExp][] = [
    [
      'registry.example/a/node:v1',
      'unauthorized: authentication required',
      /^docker login registry\.example,/,
    ],
    ['kindest/node:v1', 'pull access denied for kindest/node', /^docker login docker\.io,/],
    [
      'localhost:5000/node:v9',
      'manifest for localhost:5000/node:v9 not found: manifest unknown',
      /^localhost:5000 answers and has no such image/,
    ],
    ['kindest/node:v1', 'dial tcp 127.0.0.1:1: connect: connection refused', /give it a way to docker\.io$/],
    ['kindest/node:v1', '', /--node-image/],
  ];
  for (const [reference, words, hint] of cases) {
    const error = imageMissing('docker', reference, words);
    assert.equal(error.code, 'kind.image-missing');
    assert.equal(error.userError, true);
    assert.ok(error.message.includes(reference) && error.message.endsWith(words));
    assert.match(error.hint ?? '', hint);
  }
});
