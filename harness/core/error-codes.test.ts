import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ERROR_CODES, knownErrorCode } from './error-codes.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const CODES = Object.entries(ERROR_CODES).flatMap(([group, words]) =>
  words.split(' ').map((word) => `${group}.${word.replace('!', '')}`),
);

test('codes stand in the order of the alphabet, each once', () => {
  assert.deepEqual(
    CODES,
    [...new Set(CODES)].sort((a, b) => (a < b ? -1 : 1)),
  );
});

test('every code is thrown by something that is no test', () => {
  const text = globSync('{ci,harness,healers,infra,reports,scenarios}/**/*.ts', {
    cwd: ROOT,
    exclude: (path) => path.includes('node_modules') || path.startsWith('reports/out'),
  })
    .filter((path) => !/\.test\.ts$|\/testing\//.test(path))
    .map((path) => readFileSync(join(ROOT, path), 'utf8'))
    .join('\n');
  // Codes of a cluster's phase are put together from its name.
  const phases = ['cluster.failed', 'cluster.ready', 'cluster.starting', 'cluster.stopping'];
  assert.deepEqual(
    CODES.filter((code) => !phases.includes(code) && !text.includes(`'${code}'`)),
    [],
  );
});

test('a code from elsewhere is known or none', () => {
  assert.equal(knownErrorCode('cluster.in-use'), 'cluster.in-use');
  assert.equal(knownErrorCode('kube.http-418'), 'kube.http-418');
  for (const code of ['cluster.nonsense', 'nonsense.in-use', 'cluster', '', 'constructor.name'])
    assert.equal(knownErrorCode(code), undefined, code);
});
