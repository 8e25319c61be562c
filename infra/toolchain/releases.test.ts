import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import http from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, beforeEach, test, type TestContext } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { FiredrillError } from '../../harness/core/errors.ts';
import { testCertificate } from '../../healers/testing/certificate.ts';
import { run } from '../process/run.ts';
import type { Bundle, ReleaseFile } from './component.ts';
import { digestOf } from './digest.ts';
import { createHostProbe } from './hosts.ts';
import { ask, askFollowing } from './release-host.ts';
import { createArchive, createFakeToolchain, type FakeToolchain } from './testing/fake-toolchain.ts';
import { giveOut, startReleaseServer, type ReleaseServer } from './testing/release-server.ts';

const BOTH = ['alpha', 'beta'];
const PATH = '/1.2.3/release-amd64.tar.gz';
const LIST = '/1.2.3/SHA256SUMS';

const certificate = await testCertificate();
const trusted = getCACertificates();
setDefaultCACertificates([...trusted, certificate.cert]);
after(() => setDefaultCACertificates(trusted));

let fake: FakeToolchain;
let archive: { path: string; sha256: string };
let payload: Buffer;
let list: string;

beforeEach(async () => {
  fake = await createFakeToolchain();
  payload = randomBytes(100_000);
  archive = createArchive(fake.folder, payload);
  list = join(fake.folder, 'SHA256SUMS');
  writeFileSync(list, `${'0'.repeat(64)}  other.tar.gz\n${archive.sha256} *release-amd64.tar.gz\n`);
});

async function start(t: TestContext, how: 'plain' | 'tls' = 'plain'): Promise<ReleaseServer> {
  const server = await startReleaseServer(
    { [PATH]: archive.path, [LIST]: list },
    how === 'tls' ? certificate : undefined,
  );
  t.after(() => server[Symbol.asyncDispose]());
  return server;
}

function file(origin: string, changes: Partial<ReleaseFile> = {}): Partial<Bundle> {
  return {
    download: [
      {
        url: `${origin}/{version}/release-{arch}.tar.gz`,
        checksums: { amd64: archive.sha256 },
        holds: { alpha: 'release-{version}-{arch}/alpha', beta: 'release-{version}-{arch}/beta' },
        ...changes,
      },
    ],
  };
}

/** Without a checksum of our own. */
const unpinned = (origin: string): Partial<Bundle> =>
  file(origin, { checksums: {}, checksumUrl: `${origin}/{version}/SHA256SUMS` });

const open = (bundle: Partial<Bundle>, environment: NodeJS.ProcessEnv = {}) =>
  fake.open({ bundle, environment: { FIREDRILL_TOOLCHAIN: 'download', ...environment } });

const refused = (code: string, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof FiredrillError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, words);
  assert.notEqual(error.hint, undefined, `no next step: ${error.message}`);
  return true;
};

test('a tool tells the address that it came from, the digest of the file, and that our table has it', async (t) => {
  const { origin } = await start(t);
  const { alpha } = await open(file(origin)).ensure(BOTH);
  const release = { url: `${origin}${PATH}`, digest: `sha256:${archive.sha256}`, verifiedBy: 'table' };
  assert.deepEqual(alpha!.release, release);
  assert.deepEqual((await open(file(origin)).ensure(BOTH))['beta']?.release, release);
});

test('what our table has no checksum of is verified by the list of its publisher, and says so', async (t) => {
  const { origin, asked } = await start(t, 'tls');
  const { alpha } = await open(unpinned(origin)).ensure(BOTH);
  assert.deepEqual(readFileSync(alpha!.path), payload);
  assert.equal(alpha!.release?.verifiedBy, 'publisher');
  assert.deepEqual(asked, [LIST, PATH]);
});

test('a list that is not encrypted is no list, and a redirect out of TLS is not followed', async (t) => {
  const plain = await start(t);
  await assert.rejects(
    open(unpinned(plain.origin)).ensure(BOTH),
    refused('toolchain.not-downloadable', /does not encrypt/),
  );
  const server = await start(t, 'tls');
  server.answer = ({ url }, response) => response.writeHead(302, { location: `${plain.origin}${url}` }).end();
  await assert.rejects(open(unpinned(server.origin)).ensure(BOTH), (error) => {
    assert.match(
      String((error as Error).cause),
      new RegExp(`sends us to ${plain.origin}${LIST}, which is not encrypted`),
    );
    return refused('toolchain.download-failed', /cannot be verified/)(error);
  });
  assert.deepEqual(plain.asked, []);
});

test('a list that lies, lacks the file or is missing is an error that names it, and nothing is kept', async (t) => {
  const { origin } = await start(t, 'tls');
  const get = () => open(unpinned(origin)).ensure(BOTH);
  writeFileSync(list, `${'0'.repeat(64)}  release-amd64.tar.gz\n`);
  await assert.rejects(get(), refused('toolchain.checksum-mismatch', /publisher’s list/));
  writeFileSync(list, `${archive.sha256}  release-arm64.tar.gz\n`);
  await assert.rejects(get(), refused('toolchain.download-failed', /SHA256SUMS has no SHA-256 of it/));
  const bundle = file(origin, { checksums: {}, checksumUrl: `${origin}/nowhere` });
  await assert.rejects(open(bundle).ensure(BOTH), refused('toolchain.download-failed', /cannot be verified/));
  assert.deepEqual(readdirSync(join(fake.cacheFolder, 'scratch')), []);
  assert.equal((await open(bundle).list())[0]?.state.kind, 'absent');
});

test('FIREDRILL_TOOLCHAIN_PINNED=1 refuses what only its publisher vouches for, also in the cache', async (t) => {
  const { origin } = await start(t, 'tls');
  const pinned = { FIREDRILL_TOOLCHAIN_PINNED: '1' };
  await assert.rejects(
    open(unpinned(origin), pinned).ensure(BOTH),
    refused('toolchain.not-downloadable', /FIREDRILL_TOOLCHAIN_PINNED/),
  );
  await open(unpinned(origin)).ensure(BOTH);
  await assert.rejects(
    open(unpinned(origin), { ...pinned, FIREDRILL_TOOLCHAIN: 'cache' }).ensure(BOTH),
    refused('toolchain.not-cached', /fake/),
  );
  const { alpha } = await open(unpinned(origin), { ...pinned, FIREDRILL_TOOLCHAIN: 'auto' }).ensure(BOTH);
  assert.equal(alpha!.source, 'build');
});

test('what is pinned is kept under FIREDRILL_TOOLCHAIN_PINNED, and what says not against what it was verified is not', async (t) => {
  const { origin, asked } = await start(t);
  const get = async () =>
    (await open(file(origin), { FIREDRILL_TOOLCHAIN_PINNED: '1' }).ensure(BOTH))['alpha']!;
  const { path } = await get();
  assert.deepEqual([(await get()).cached, asked.length], [true, 1]);
  const record = join(path, '..', 'bundle.json');
  const told = JSON.parse(readFileSync(record, 'utf8')) as object;
  writeFileSync(record, JSON.stringify({ ...told, releases: undefined }));
  assert.deepEqual([(await get()).cached, asked.length], [false, 2]);
});

test('what a publisher vouched for is fetched anew when our table has another checksum', async (t) => {
  const { origin } = await start(t, 'tls');
  await open(unpinned(origin)).ensure(BOTH);
  await assert.rejects(
    open(file(origin, { checksums: { amd64: '0'.repeat(64) } })).ensure(BOTH),
    refused('toolchain.checksum-mismatch', /is pinned/),
  );
});

test('a link in place of a tool is no tool, and tools belong to who has fetched them', async (t) => {
  const server = await start(t);
  const folder = join(fake.folder, 'release-1.2.3-amd64');
  const pack = async (...owner: readonly string[]) => {
    await run('tar', ['-C', fake.folder, ...owner, '-czf', archive.path, 'release-1.2.3-amd64']);
    return file(server.origin, { checksums: { amd64: await digestOf(archive.path) } });
  };
  const { alpha } = await open(await pack('--owner=4711', '--group=4711')).ensure(BOTH);
  assert.deepEqual(
    [statSync(alpha!.path).uid, statSync(alpha!.path).gid],
    [process.getuid?.(), process.getgid?.()],
  );
  rmSync(join(folder, 'alpha'));
  symlinkSync('/bin/true', join(folder, 'alpha'));
  await assert.rejects(
    open(await pack()).ensure(BOTH),
    refused('toolchain.archive-incomplete', /alpha is no file in it/),
  );
});

test('a pin that changes fetches a download anew and keeps what was built', async (t) => {
  const { origin, asked } = await start(t);
  await open(file(origin)).ensure(BOTH);
  await assert.rejects(
    open(file(origin, { checksums: { amd64: '0'.repeat(64) } })).ensure(BOTH),
    refused('toolchain.checksum-mismatch', /is pinned/),
  );
  assert.equal(asked.length, 2);
  await open(file(origin)).clean('all');
  await open(file(origin), { FIREDRILL_TOOLCHAIN: 'build' }).ensure(BOTH);
  const { alpha } = await open(file(origin, { checksums: { amd64: '1'.repeat(64) } })).ensure(BOTH);
  assert.deepEqual([alpha!.source, alpha!.cached], ['build', true]);
});

test('programs that are released one by one come together, and one that is missing is said', async (t) => {
  const server = await start(t);
  const single = (tool: string): ReleaseFile => ({
    url: `${server.origin}/{version}/{arch}/${tool}`,
    checksums: { amd64: archive.sha256 },
    holds: tool,
  });
  const bundle = { download: [single('alpha'), single('beta')] };
  server.answer = (request, response) => giveOut(archive.path, request, response);
  const fractions: number[] = [];
  const { alpha, beta } = await open(bundle).ensure(BOTH, {
    onProgress: ({ fraction = 0 }) => fractions.push(fraction),
  });
  assert.ok(
    fractions.every((fraction) => fraction >= 0 && fraction <= 1),
    String(fractions),
  );
  assert.equal(statSync(alpha!.path).mode & 0o777, 0o755);
  assert.deepEqual(server.asked.toSorted(), ['/1.2.3/amd64/alpha', '/1.2.3/amd64/beta']);
  assert.deepEqual(readFileSync(alpha!.path), readFileSync(beta!.path));
  assert.equal(beta!.release?.url, `${server.origin}/1.2.3/amd64/beta`);
  await open(bundle).clean('all');
  server.answer = (request, response) =>
    giveOut(request.url?.endsWith('beta') === true ? undefined : archive.path, request, response);
  await assert.rejects(
    open(bundle).ensure(BOTH),
    refused('toolchain.download-failed', /\/amd64\/beta answered 404/),
  );
  assert.equal((await open(bundle).list())[0]?.state.kind, 'absent');
});

test('a redirect to another host is followed, and what broke off there goes on there; one without end is refused', async (t) => {
  const [front, store] = [await start(t), await start(t)];
  front.answer = ({ url }, response) =>
    response.writeHead(302, { location: `${store.origin}${url}?token=1` }).end();
  store.answer = (request, response) => {
    if (request.headers.range !== undefined) {
      giveOut(archive.path, request, response);
      return;
    }
    const body = readFileSync(archive.path);
    response.writeHead(200, { 'content-length': body.length });
    // What was sent has to arrive before the connection goes.
    response.write(body.subarray(0, 1_000), () => setTimeout(() => response.destroy(), 20));
  };
  const { alpha } = await open(file(front.origin)).ensure(BOTH);
  assert.deepEqual(readFileSync(alpha!.path), payload);
  assert.deepEqual(store.asked.at(0), `${PATH}?token=1`);
  assert.match(store.asked.at(1) ?? '', /\?token=1 bytes=[1-9]\d*-$/);
  await open(file(front.origin)).clean('all');
  front.answer = ({ url }, response) => response.writeHead(302, { location: url }).end();
  await assert.rejects(
    open(file(front.origin)).ensure(BOTH),
    refused('toolchain.download-failed', /more than 5 times/),
  );
});

test('a redirect of any kind is followed, and five of them', async (t) => {
  const server = await start(t);
  const kinds = [301, 302, 303, 307, 308];
  server.answer = ({ url = '' }, response) => {
    const passed = Number(url.slice(1));
    response.writeHead(kinds[passed] ?? 200, { location: `/${passed + 1}` }).end();
  };
  const answer = await askFollowing(`${server.origin}/0`, { environment: {} });
  answer.destroy();
  assert.deepEqual([answer.statusCode, server.asked.at(-1)], [200, '/5']);
});

test('a redirect to where nothing is downloaded from is refused at once, with both addresses and the reason', async (t) => {
  const server = await start(t);
  for (const [location, words] of [
    ['file:///etc/passwd', 'sends us to file:///etc/passwd, which is neither http:// nor https://'],
    ['http://', 'sends us to "http://", which is no address'],
  ] as const) {
    server.answer = (_, response) => response.writeHead(302, { location }).end();
    const message = new RegExp(`^${server.origin}${PATH} ${words}$`);
    await assert.rejects(
      open(file(server.origin)).ensure(BOTH),
      refused('toolchain.download-failed', message),
    );
  }
  assert.deepEqual(server.asked, [PATH, PATH]);
});

for (const status of [403, 404, 429, 503])
  test(`a host that answers ${status} is an error with the next step, and in mode auto the tool is built`, async (t) => {
    const server = await start(t);
    server.answer = (_, response) => response.writeHead(status).end('no');
    const words = new RegExp(`release-amd64.tar.gz answered ${status}`);
    await assert.rejects(open(file(server.origin)).ensure(BOTH), refused('toolchain.download-failed', words));
    const { alpha } = await open(file(server.origin), { FIREDRILL_TOOLCHAIN: 'auto' }).ensure(BOTH);
    assert.equal(alpha!.source, 'build');
  });

test('a mirror stands for a host, is asked for the same path, and its password is told to nobody else', async (t) => {
  const mirror = await start(t);
  let authorization: string | undefined;
  mirror.answer = (request, response) => {
    authorization = request.headers.authorization;
    giveOut(archive.path, request, response);
  };
  const address = `${mirror.origin.replace('//', '//me:secret@')}/copies/`;
  const environment = {
    FIREDRILL_TOOLCHAIN_MIRRORS: `dl.k8s.io=https://elsewhere.test, releases.test=${address}`,
  };
  const messages: string[] = [];
  const { alpha } = await open(file('https://releases.test'), environment).ensure(BOTH, {
    onProgress: ({ message }) => messages.push(message),
  });
  assert.deepEqual(mirror.asked, [`/copies${PATH}`]);
  assert.equal(authorization, `Basic ${Buffer.from('me:secret').toString('base64')}`);
  assert.equal(alpha!.release?.url, `${mirror.origin}/copies${PATH}`);
  assert.doesNotMatch(messages.join(), /secret/);
});

test('two first runs at once fetch a file once', async (t) => {
  const server = await start(t);
  const both = await Promise.all([0, 1].map(() => open(file(server.origin)).ensure(BOTH)));
  assert.deepEqual(both.map(({ alpha }) => alpha!.cached).toSorted(), [false, true]);
  assert.deepEqual(server.asked, [PATH]);
});

test('an archive that is damaged at its source, or does not fit onto the disk, is one sentence with the next step', async (t) => {
  const server = await start(t);
  writeFileSync(archive.path, randomBytes(1_000));
  const damaged = file(server.origin, { checksums: { amd64: await digestOf(archive.path) } });
  await assert.rejects(
    open(damaged).ensure(BOTH),
    refused('toolchain.archive-incomplete', /could not be unpacked/),
  );
  assert.deepEqual(readdirSync(join(fake.cacheFolder, 'partial')), []);
  assert.equal((await open(damaged).list())[0]?.state.kind, 'absent');
  server.answer = (_, response) => {
    response.writeHead(200, { 'content-length': 10 ** 15 });
    response.write('x');
  };
  await assert.rejects(open(damaged).ensure(BOTH), refused('toolchain.disk-full', /ran full/));
  assert.deepEqual(readdirSync(join(fake.cacheFolder, 'scratch')), []);
});

test('without a network and without Go, one error says both, and every next step', async () => {
  writeFileSync(join(fake.folder, 'go-version'), 'go1.25.9\n');
  const closed = open(file('http://127.0.0.1:1'), { FIREDRILL_TOOLCHAIN: 'auto' });
  await assert.rejects(closed.ensure(BOTH), (error) => {
    assert.match((error as FiredrillError).hint ?? '', /Install Go .*FIREDRILL_TOOLCHAIN_MIRRORS/);
    return refused(
      'toolchain.go-too-old',
      /127\.0\.0\.1:1 cannot be reached: connect ECONNREFUSED 127\.0\.0\.1:1\) nor built: .*go1\.25\.9/,
    )(error);
  });
});

test('of many that cannot be downloaded after all, one is built at a time', async (t) => {
  const server = await start(t);
  server.answer = (_, response) => response.writeHead(403).end();
  writeFileSync(join(fake.folder, 'watched'), '');
  const { download } = file(server.origin);
  const single = (tool: string): Partial<Bundle> => ({
    ...{
      name: tool,
      tools: [tool],
      download: download!.map((each) => ({ ...each, holds: { [tool]: tool } })),
    },
    build: { ...fake.bundle.build, packages: { [tool]: `example.org/${tool}` } },
  });
  const toolchain = fake.open({ bundle: single('alpha'), more: [single('beta')] });
  const { alpha, beta } = await toolchain.ensure(BOTH);
  assert.deepEqual([alpha!.source, beta!.source], ['build', 'build']);
  assert.ok(!existsSync(join(fake.folder, 'overlaps')), 'two were built side by side');
});

/** A proxy that passes requests on, and tunnels; it says what it was asked. */
async function startProxy(t: TestContext, origin: string): Promise<{ origin: string; asked: string[] }> {
  const asked: string[] = [];
  const proxy = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const passed = http.request(new URL(new URL(request.url ?? '').pathname, origin), {
      method: request.method,
    });
    passed.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    passed.end();
  });
  proxy.on('connect', ({ url }, socket) => {
    asked.push(`CONNECT ${url}`);
    const upstream = connect(Number(new URL(origin).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    for (const one of [socket, upstream]) one.on('error', () => one.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  t.after(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return { origin: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, asked };
}

test('a proxy of the environment carries plain requests and tunnels, and NO_PROXY goes past it', async (t) => {
  const plain = await start(t);
  const first = await startProxy(t, plain.origin);
  const { alpha } = await open(file('http://releases.test'), { http_proxy: first.origin }).ensure(BOTH);
  assert.equal(alpha!.source, 'download');
  assert.deepEqual(
    new Set(first.asked),
    new Set(['HEAD http://releases.test/', `GET http://releases.test${PATH}`]),
  );

  const tls = await start(t, 'tls');
  const second = await startProxy(t, tls.origin);
  await open(file('x')).clean('all');
  await open(unpinned('https://releases.test'), { HTTPS_PROXY: second.origin }).ensure(BOTH);
  assert.deepEqual(new Set(second.asked), new Set(['CONNECT releases.test:443']));

  await open(file('x')).clean('all');
  const past = { http_proxy: 'http://127.0.0.1:1', NO_PROXY: '127.0.0.1' };
  assert.equal((await open(file(plain.origin), past).ensure(BOTH))['alpha']?.source, 'download');
});

test('a proxy means to downloads what it means to kubectl, and one that Node would pass over or break at is said', async (t) => {
  const plain = await start(t);
  const proxy = await startProxy(t, plain.origin);
  const far = file('http://releases.test');
  const { alpha } = await open(far, { HTTP_PROXY: new URL(proxy.origin).host }).ensure(BOTH);
  assert.equal(alpha!.source, 'download', 'without a scheme');

  proxy.asked.length = 0;
  const block = createHostProbe({ HTTP_PROXY: proxy.origin, NO_PROXY: '198.51.100.0/24' }, 50);
  await block.obstacle('http://198.51.100.7');
  assert.deepEqual(proxy.asked, [], 'a block of NO_PROXY');

  await open(file('x')).clean('all');
  for (const HTTP_PROXY of ['socks5://proxy.test:1080', 'http://me:50%off@proxy.test:3128', 'http://'])
    await assert.rejects(ask(new URL('http://releases.test'), { environment: { HTTP_PROXY } }), {
      code: 'toolchain.download-failed',
      message: /^the proxy that is set for releases\.test is no http:\/\/ or https:\/\/ address, or/,
    });
});
