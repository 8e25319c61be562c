import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { tarChunks, tarSizeBytes, type TarEntry } from './tar.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

async function pack(entries: readonly TarEntry[]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of tarChunks(entries)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function file(path: string, content: string | Uint8Array, mode = 0o644): TarEntry {
  const bytes = Buffer.from(content);
  return { kind: 'file', path, mode, sizeBytes: bytes.length, content: () => [bytes] };
}

test("the system's tar unpacks what was packed: contents, modes, links, long paths", async () => {
  const directory = temporaryDirectory('tar');
  const long = `${'folder-of-twenty-char/'.repeat(6)}and-a-file-with-a-name-of-its-own`;
  const archive = await pack([
    { kind: 'directory', path: 'tmp', mode: 0o1777 },
    file('usr/bin/tool', new Uint8Array(1000).fill(7), 0o755),
    file('empty', ''),
    file('exactly-one-block', 'x'.repeat(512)),
    { kind: 'link', path: 'bin', target: 'usr/bin' },
    file(long, 'far away'),
  ]);
  const out = join(directory, 'a.tar');
  writeFileSync(out, archive);
  execFileSync('tar', ['xpf', out, '-C', directory]);
  assert.equal(lstatSync(join(directory, 'tmp')).mode & 0o7777, 0o1777);
  assert.equal(lstatSync(join(directory, 'usr/bin/tool')).mode & 0o7777, 0o755);
  assert.deepEqual(readFileSync(join(directory, 'usr/bin/tool')), Buffer.alloc(1000, 7));
  assert.equal(readlinkSync(join(directory, 'bin')), 'usr/bin');
  assert.equal(readFileSync(join(directory, long), 'utf8'), 'far away');
  assert.equal(readFileSync(join(directory, 'exactly-one-block'), 'utf8').length, 512);
  const listing = execFileSync('tar', ['tvf', out, '--numeric-owner'], {
    encoding: 'utf8',
    env: { TZ: 'UTC' },
  });
  for (const line of listing.trim().split('\n')) assert.match(line, /^\S+ 0\/0 .* 1970-01-01 00:00 /);
});

test('any files survive the round trip, and the size is known beforehand', async () => {
  const directory = temporaryDirectory('tar');
  const name = fc.stringMatching(/^[a-z]{1,12}$/);
  await fc.assert(
    fc.asyncProperty(fc.dictionary(name, fc.uint8Array({ maxLength: 1_500 })), async (files) => {
      const entries = Object.entries(files).map(([path, content]) => file(path, content));
      const archive = await pack(entries);
      assert.equal(archive.length, tarSizeBytes(entries));
      const folder = mkdtempSync(join(directory, 'run-'));
      execFileSync('tar', ['xf', '-', '-C', folder], { input: archive });
      assert.deepEqual(readdirSync(folder).sort(), Object.keys(files).sort());
      for (const [path, content] of Object.entries(files)) {
        assert.deepEqual(readFileSync(join(folder, path)), Buffer.from(content));
      }
    }),
    { numRuns: 25 },
  );
});

test('what the format cannot hold is refused by name', async () => {
  await assert.rejects(pack([file('x'.repeat(101), '')]), { code: 'images.tar-limit' });
  await assert.rejects(pack([file(`${'a/'.repeat(130)}b`, '')]), { code: 'images.tar-limit' });
  await assert.rejects(pack([{ kind: 'link', path: 'l', target: 'x'.repeat(101) }]), {
    code: 'images.tar-limit',
  });
  const huge: TarEntry = {
    kind: 'file',
    path: 'huge',
    mode: 0o644,
    sizeBytes: 8 * 2 ** 30,
    content: () => [],
  };
  await assert.rejects(pack([huge]), { code: 'images.tar-limit' });
});

test('a file that grows or shrinks while it is packed is an error, not a broken archive', async () => {
  for (const given of ['longer than said', '']) {
    const liar: TarEntry = {
      kind: 'file',
      path: 'f',
      mode: 0o644,
      sizeBytes: 4,
      content: () => [Buffer.from(given)],
    };
    await assert.rejects(pack([liar]), { code: 'images.file-changed' });
  }
});
