import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checksumIn } from './published-checksum.ts';

const [A, B] = ['a'.repeat(64), 'b'.repeat(64)];

test('a digest is found alone, beside its name in either form of sha256sum, and never that of another file', () => {
  assert.equal(checksumIn(`${A}\n`, 'k6.tar.gz'), A);
  assert.equal(checksumIn(A.toUpperCase(), 'k6.tar.gz'), A);
  assert.equal(checksumIn(`${B}  other.tar.gz\r\n${A}  k6.tar.gz\r\n`, 'k6.tar.gz'), A);
  assert.equal(checksumIn(`${A} *release/k6.tar.gz\n`, 'k6.tar.gz'), A);
  for (const list of ['', `${A}  other-k6.tar.gz`, `${A}  k6.tar.gz.sbom`, 'c'.repeat(128), '<html></html>'])
    assert.equal(checksumIn(list, 'k6.tar.gz'), undefined, list);
});
