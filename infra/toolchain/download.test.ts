import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { FiredrillError } from '../../harness/core/errors.ts';
import type { Bundle } from './component.ts';
import { propose } from './pin.ts';
import { createArchive, createFakeToolchain, type FakeToolchain } from './testing/fake-toolchain.ts';

const BOTH = ['alpha', 'beta'];

let fake: FakeToolchain;
let server: Server;
let payload: Buffer;
let archive: { body: Buffer; sha256: string };
/** What the server does with a request for the file; set by each test. */
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let ranges: (string | undefined)[];

beforeEach(async () => {
  fake = await createFakeToolchain();
  payload = randomBytes(300_000);
  archive = createArchive(fake.folder, payload);
  ranges = [];
  answer = (_, response) => response.end(archive.body);
  server = createServer((request, response) => {
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    ranges.push(request.headers.range);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function bundle(hex: string): Partial<Bundle> {
  const { port } = server.address() as AddressInfo;
  return {
    download: [
      {
        url: `http://127.0.0.1:${port}/{version}/release-{arch}.tar.gz`,
        checksums: { amd64: hex },
        holds: { alpha: 'release-{version}-{arch}/alpha', beta: 'release-{version}-{arch}/beta' },
      },
    ],
  };
}

const open = (hex: string = archive.sha256, mode = 'download') =>
  fake.open({ bundle: bundle(hex), environment: { FIREDRILL_TOOLCHAIN: mode } });

const code = (wanted: string) => (error: unknown) => {
  assert.ok(error instanceof FiredrillError, String(error));
  assert.equal(error.code, wanted);
  return true;
};

/** Sends the whole file or the rest of it, as a release host does. */
function sendRange(request: IncomingMessage, response: ServerResponse): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': archive.body.length - from });
  response.end(archive.body.subarray(from));
}

/** Promises the whole file, sends some of it and hangs up. */
function breakOff(response: ServerResponse, bytes: number): void {
  response.writeHead(200, { 'content-length': archive.body.length });
  response.write(archive.body.subarray(0, bytes));
  // What was sent has to arrive before the connection goes.
  setTimeout(() => response.destroy(), 50);
}

test('a release file with the pinned checksum is unpacked and says where it came from', async () => {
  const { alpha } = await open().ensure(BOTH);
  assert.equal(alpha!.source, 'download');
  assert.deepEqual(await readFile(alpha!.path), payload);
  const [listed] = await open().list();
  assert.ok(listed?.state.kind === 'good');
  assert.match(listed.state.record.releases?.['alpha']?.url ?? '', /\/1\.2\.3\/release-amd64\.tar\.gz$/);
  assert.deepEqual(await readdir(join(fake.cacheFolder, 'partial')), []);
});

test('a wrong checksum is an error in every mode, and the file is not kept', async () => {
  for (const mode of ['download', 'auto']) {
    await assert.rejects(open('0'.repeat(64), mode).ensure(BOTH), code('toolchain.checksum-mismatch'));
    assert.deepEqual(await readdir(join(fake.cacheFolder, 'partial')), []);
    assert.equal((await open('0'.repeat(64)).list())[0]?.state.kind, 'absent');
  }
});

test('a transfer that breaks off goes on where it stopped', async () => {
  answer = (request, response) => {
    if (ranges.length === 1) breakOff(response, 100_000);
    else sendRange(request, response);
  };
  const { alpha } = await open().ensure(BOTH);
  assert.deepEqual(await readFile(alpha!.path), payload);
  assert.equal(ranges.length, 2);
  assert.match(ranges[1] ?? '', /^bytes=[1-9]\d*-$/);
});

test('what an earlier run had received is used by the next one', async () => {
  answer = (_, response) => {
    breakOff(response, 50_000);
  };
  await assert.rejects(open().ensure(BOTH), code('toolchain.download-failed'));
  const [name] = await readdir(join(fake.cacheFolder, 'partial'));
  const received = (await readFile(join(fake.cacheFolder, 'partial', name!))).length;
  assert.ok(received > 0);
  ranges = [];
  answer = sendRange;
  await open().ensure(BOTH);
  assert.deepEqual(ranges, [`bytes=${received}-`]);
});

test('a damaged rest of an earlier run costs one more transfer and no error', async () => {
  answer = (_, response) => {
    breakOff(response, 50_000);
  };
  await assert.rejects(open().ensure(BOTH), code('toolchain.download-failed'));
  const [name] = await readdir(join(fake.cacheFolder, 'partial'));
  await writeFile(join(fake.cacheFolder, 'partial', name!), Buffer.alloc(50_000));
  answer = sendRange;
  ranges = [];
  const { alpha } = await open().ensure(BOTH);
  assert.deepEqual(await readFile(alpha!.path), payload);
  assert.deepEqual(ranges, ['bytes=50000-', undefined]);
});

test('a host that ignores ranges makes the transfer start again', async () => {
  answer = (_, response) => {
    if (ranges.length === 1) breakOff(response, 100_000);
    else response.end(archive.body);
  };
  assert.deepEqual(await readFile((await open().ensure(BOTH))['alpha']!.path), payload);
});

test('in mode auto an unreachable host or a missing file means building', async () => {
  answer = (_, response) => response.writeHead(404).end();
  assert.equal((await open(archive.sha256, 'auto').ensure(BOTH))['alpha']?.source, 'build');
  await open().clean('all');
  await new Promise((resolve) => {
    server.closeAllConnections();
    server.close(resolve);
  });
  const { download } = bundleAtClosedPort();
  const tools = await fake.open({ bundle: { download } }).ensure(BOTH);
  assert.equal(tools['alpha']?.source, 'build');
});

function bundleAtClosedPort(): Required<Pick<Bundle, 'download'>> {
  return {
    download: [
      {
        url: 'http://127.0.0.1:1/release-{arch}.tar.gz',
        checksums: { amd64: archive.sha256 },
        holds: { alpha: 'alpha', beta: 'beta' },
      },
    ],
  };
}

test('FIREDRILL_TOOLCHAIN=build asks no host', async () => {
  assert.equal((await open(archive.sha256, 'build').ensure(BOTH))['alpha']?.source, 'build');
  assert.deepEqual(ranges, []);
});

test('an archive that lacks a tool is an error', async () => {
  const [file] = bundle(archive.sha256).download!;
  const changed = { ...file!, holds: { alpha: 'nowhere/alpha', beta: 'nowhere/beta' } };
  const toolchain = fake.open({ bundle: { download: [changed] } });
  await assert.rejects(toolchain.ensure(BOTH), code('toolchain.archive-incomplete'));
});

test('pin computes the checksum of what has none in the table, and trusts nothing', async () => {
  const pinned: Bundle = { ...fake.bundle, ...bundle(archive.sha256) };
  const proposals = await propose([pinned], {});
  assert.deepEqual(
    proposals.map(({ architecture, sha256 }) => [architecture, sha256]),
    [['arm64', archive.sha256]],
  );
  assert.equal((await open().list())[0]?.state.kind, 'absent');
  answer = (_, response) => response.writeHead(404).end();
  await assert.rejects(propose([pinned], {}), code('toolchain.download-failed'));
});
