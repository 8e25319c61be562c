import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checksumIn, publishedChecksum } from './published-checksum.ts';
import { startReleaseServer } from './testing/release-server.ts';

const [A, B] = ['a'.repeat(64), 'b'.repeat(64)];

test('a digest is found alone, beside its name in either form of sha256sum, and never that of another file', () => {
  assert.equal(checksumIn(`${A}\n`, 'k6.tar.gz'), A);
  assert.equal(checksumIn(A.toUpperCase(), 'k6.tar.gz'), A);
  assert.equal(checksumIn(`${B}  other.tar.gz\r\n${A}  k6.tar.gz\r\n`, 'k6.tar.gz'), A);
  assert.equal(checksumIn(`${A} *release/k6.tar.gz\n`, 'k6.tar.gz'), A);
  for (const list of ['', `${A}  other-k6.tar.gz`, `${A}  k6.tar.gz.sbom`, 'c'.repeat(128), '<html></html>'])
    assert.equal(checksumIn(list, 'k6.tar.gz'), undefined, list);
});

test(
  'a list that is not there, has no end or does not come is no list, with the reason',
  { timeout: 20_000 },
  async () => {
    await using server = await startReleaseServer({});
    const ask = (limitMs?: number) =>
      publishedChecksum(`${server.origin}/list`, 'k6.tar.gz', {}, undefined, limitMs);
    const because = (why: RegExp) => (error: Error) => {
      assert.match(error.message, /^k6\.tar\.gz cannot be verified: \S+\/list could not be read$/);
      assert.match(String(error.cause), why);
      return true;
    };
    await assert.rejects(ask(), because(/answered 404/));
    server.answer = (_, response) => response.end(`${A}  other\n`.repeat(20_000));
    await assert.rejects(ask(), because(/more than 1 MiB/));
    server.answer = () => {};
    await assert.rejects(ask(50), because(/aborted/));
    const abort = new AbortController();
    server.answer = () => abort.abort(new Error('changed my mind'));
    await assert.rejects(
      publishedChecksum(`${server.origin}/list`, 'k6.tar.gz', {}, abort.signal),
      /^Error: changed my mind$/,
    );
  },
);
