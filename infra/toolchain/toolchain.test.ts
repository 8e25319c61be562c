import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFile,
  cp,
  mkdir,
  readFile,
  readdir,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { describeError, FiredrillError } from '../../harness/core/errors.ts';
import { ownName } from '../process/identity.ts';
import { createFakeToolchain, type FakeToolchain } from './testing/fake-toolchain.ts';
import type { ToolProgress } from './progress.ts';

const BOTH = ['alpha', 'beta'];

let fake: FakeToolchain;
beforeEach(async () => {
  fake = await createFakeToolchain();
});

const code = (wanted: string) => (error: unknown) => {
  assert.ok(error instanceof FiredrillError, String(error));
  assert.equal(error.code, wanted);
  return true;
};

async function buildCount(): Promise<number> {
  const log = await readFile(join(fake.folder, 'builds.log'), 'utf8').catch(() => '');
  return log.split('\n').filter((line) => line !== '').length;
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await delay(20);
  }
}

/** Another process that ensures both tools of the same fake tool chain. */
function startOther(): ChildProcess {
  const script = `
    const { Toolchain } = await import(${JSON.stringify(join(import.meta.dirname, 'toolchain.ts'))});
    const { readSettings } = await import(${JSON.stringify(join(import.meta.dirname, 'settings.ts'))});
    const toolchain = new Toolchain({
      bundles: [${JSON.stringify(fake.bundle)}],
      settings: readSettings(['alpha', 'beta'], ${JSON.stringify(fake.environment)}, 'x64'),
      modulesFolder: ${JSON.stringify(join(fake.folder, 'modules'))},
    });
    try {
      const tools = await toolchain.ensure(['alpha', 'beta']);
      process.stdout.write(JSON.stringify(tools));
    } catch (error) {
      process.stdout.write(JSON.stringify({ code: error.code, hint: error.hint }));
    }`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function outputOf(child: ChildProcess): Promise<Record<string, unknown>> {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(child, 'close');
  return JSON.parse(text) as Record<string, unknown>;
}

test('what is not there is built once, and found in the cache from then on', async () => {
  const phases: ToolProgress[] = [];
  const first = await fake.open().ensure(BOTH, {
    onProgress: (progress) => phases.push(progress),
  });
  assert.deepEqual(Object.keys(first), BOTH);
  assert.equal(first['alpha']?.source, 'build');
  assert.equal(first['alpha'].cached, false);
  assert.equal(first['alpha'].version, '1.2.3');
  assert.match(first['alpha'].digest, /^sha256:[0-9a-f]{64}$/);
  assert.equal(await readFile(first['alpha'].path, 'utf8'), fake.content);
  assert.ok(phases.some(({ phase, fraction }) => phase === 'building' && fraction === 0.5));
  const second = await fake.open().ensure(BOTH);
  assert.deepEqual(second['beta'], { ...first['beta'], cached: true });
  assert.equal(await buildCount(), 1);
  assert.deepEqual(await readdir(join(fake.cacheFolder, 'scratch')), []);
});

test('one tool of a bundle can be asked for, and only that one is answered', async () => {
  assert.deepEqual(Object.keys(await fake.open().ensure(['beta'])), ['beta']);
});

test('a changed go.mod never meets an old binary', async () => {
  await fake.open().ensure(BOTH);
  await appendFile(join(fake.folder, 'modules', 'fake', 'go.mod'), '// changed\n');
  await fake.open().ensure(BOTH);
  assert.equal(await buildCount(), 2);
});

test('two processes that need the same tools build them once', async () => {
  const results = await Promise.all([
    outputOf(startOther()),
    outputOf(startOther()),
    fake.open().ensure(BOTH),
  ]);
  for (const result of results) assert.deepEqual(Object.keys(result), BOTH);
  assert.equal(await buildCount(), 1);
});

test('kill -9 in the middle of a build leaves no build running, nothing half-made, and the next run succeeds', async () => {
  await writeFile(join(fake.folder, 'slow'), '');
  const other = startOther();
  const buildPid = await until(async () => {
    const log = await readFile(join(fake.folder, 'builds.log'), 'utf8').catch(() => '');
    return log.endsWith('\n') ? Number(log) : undefined;
  });
  other.kill('SIGKILL');
  await until(async () => ((await stat(`/proc/${buildPid}`).catch(() => undefined)) ? undefined : true));
  assert.equal((await fake.open().list())[0]?.state.kind, 'absent');
  assert.equal((await readdir(join(fake.cacheFolder, 'scratch'))).length, 1);
  await rm(join(fake.folder, 'slow'));
  await fake.open().ensure(BOTH);
  assert.deepEqual(await readdir(join(fake.cacheFolder, 'scratch')), []);
});

test('an aborted build is killed, reports the reason of the abort, and leaves nothing', async () => {
  await writeFile(join(fake.folder, 'slow'), '');
  const abort = new AbortController();
  const ensuring = fake.open().ensure(BOTH, { signal: abort.signal });
  await until(async () => ((await buildCount()) > 0 ? true : undefined));
  abort.abort(new Error('changed my mind'));
  await assert.rejects(ensuring, /changed my mind/);
  assert.deepEqual(await readdir(join(fake.cacheFolder, 'scratch')), []);
  assert.deepEqual(await readdir(join(fake.cacheFolder, 'locks')), []);
});

test('a truncated binary is noticed at the next look and made again', async () => {
  const { alpha } = await fake.open().ensure(BOTH);
  await truncate(alpha!.path, 3);
  const messages: string[] = [];
  await fake.open().ensure(BOTH, { onProgress: ({ message }) => messages.push(message) });
  assert.equal(await readFile(alpha!.path, 'utf8'), fake.content);
  assert.ok(
    messages.some((message) => /alpha has 3 bytes/.test(message)),
    messages.join('; '),
  );
});

test('a binary whose content changed behind its time and size is found by verify, and made again after it', async () => {
  const { alpha } = await fake.open().ensure(BOTH);
  const before = await stat(alpha!.path);
  await writeFile(alpha!.path, fake.content.replace('built', 'burnt'));
  await utimes(alpha!.path, before.atime, before.mtime);
  const [checked] = await fake.open().verify();
  assert.equal(checked?.state.kind, 'corrupt');
  await fake.open().ensure(BOTH);
  assert.equal(await readFile(alpha!.path, 'utf8'), fake.content);
  assert.equal((await fake.open().verify())[0]?.state.kind, 'good');
});

test('a cache that was copied to another disk is verified again and kept', async () => {
  await fake.open().ensure(BOTH);
  const copy = join(fake.folder, 'copy');
  await cp(join(fake.folder, 'cache'), copy, { recursive: true });
  const tools = await fake.open({ environment: { XDG_CACHE_HOME: copy } }).ensure(BOTH);
  assert.equal(tools['alpha']?.cached, true);
  assert.equal(await buildCount(), 1);
});

test(
  'a full disk ends in one clear error and nothing half-made',
  { skip: process.getuid?.() !== 0 },
  async () => {
    // The small disk is mounted in a mount namespace of its own and vanishes with it.
    await writeFile(join(fake.folder, 'content'), Buffer.alloc(400_000));
    await mkdir(join(fake.folder, 'cache'));
    const script = `
    const { createFakeToolchain } = await import(${JSON.stringify(join(import.meta.dirname, 'testing', 'fake-toolchain.ts'))});
    const { writeFile, readdir } = await import('node:fs/promises');
    const fake = await createFakeToolchain(${JSON.stringify(join(fake.folder, 'cache'))});
    await writeFile(fake.folder + '/content', Buffer.alloc(400_000));
    const error = await fake.open().ensure(['alpha', 'beta']).catch((reason) => reason);
    const [listed] = await fake.open().list();
    process.stdout.write(JSON.stringify({
      code: error.code, state: listed.state.kind, scratch: await readdir(fake.cacheFolder + '/scratch'),
    }));`;
    const mount = `mount -t tmpfs -o size=512k tmpfs '${join(fake.folder, 'cache')}' && exec "$@"`;
    const result = spawnSync(
      'unshare',
      ['--mount', 'sh', '-ec', mount, 'sh', process.execPath, '--input-type=module', '-e', script],
      { encoding: 'utf8' },
    );
    assert.equal(result.status, 0, result.stderr);
    assert.deepEqual(JSON.parse(result.stdout), {
      code: 'toolchain.disk-full',
      state: 'absent',
      scratch: [],
    });
  },
);

test(
  'a cache that may only be read ends in one clear error with the next step, and is none to what replaces a tool',
  { skip: process.getuid?.() !== 0 },
  () => {
    const script = `
    const { createFakeToolchain } = await import(${JSON.stringify(join(import.meta.dirname, 'testing', 'fake-toolchain.ts'))});
    const fake = await createFakeToolchain(process.argv[1]);
    const { code, hint } = await fake.open().ensure(['alpha']).catch((reason) => reason);
    const replaced = fake.open({ environment: { FIREDRILL_TOOL_ALPHA: process.argv[1] + '/alpha' } });
    const { source } = (await replaced.ensure(['alpha'])).alpha;
    process.stdout.write(JSON.stringify({ code, hint: /XDG_CACHE_HOME/.test(hint), source }));`;
    const mount = `mount -t tmpfs tmpfs "$CACHE" && mkdir -p "$CACHE/firedrill/tools" && install -m 755 /dev/null "$CACHE/alpha" && mount -o remount,ro "$CACHE" && exec "$@"`;
    const result = spawnSync(
      'unshare',
      [
        '--mount',
        'sh',
        '-ec',
        mount,
        'sh',
        process.execPath,
        '--input-type=module',
        '-e',
        script,
        fake.folder,
      ],
      { encoding: 'utf8', env: { ...process.env, CACHE: fake.folder } },
    );
    assert.equal(result.status, 0, result.stderr);
    assert.deepEqual(JSON.parse(result.stdout), {
      code: 'toolchain.cache-unusable',
      hint: true,
      source: 'override',
    });
  },
);

test('a file where a folder of the cache should be is named, with the next step', async () => {
  await mkdir(fake.cacheFolder, { recursive: true });
  await writeFile(join(fake.cacheFolder, 'fake'), '');
  await assert.rejects(fake.open().ensure(BOTH), (error) => {
    assert.match((error as Error).message, /tools\/fake/);
    assert.notEqual((error as FiredrillError).hint, undefined);
    return code('toolchain.cache-unusable')(error);
  });
});

for (const record of [
  'null',
  '[]',
  '{}',
  '{"binaries":{"alpha":null}}',
  '{"bundle":"fake","version":"1","source":"build","madeAt":"","binaries":{"alpha":{"sha256":"","sizeBytes":"1"}}}',
])
  test(`a cache of another version, with the record ${record}, is made anew`, async () => {
    const { alpha } = await fake.open().ensure(BOTH);
    await writeFile(join(alpha!.path, '..', 'bundle.json'), record);
    assert.equal((await fake.open().ensure(BOTH))['alpha']?.cached, false);
    assert.equal((await fake.open().list())[0]?.state.kind, 'good');
  });

test('an override is used as it is, and one that cannot be used is refused with its variable', async () => {
  const path = join(fake.folder, 'own', 'alpha');
  await mkdir(join(fake.folder, 'own'));
  await writeFile(path, 'mine', { mode: 0o755 });
  const open = (value: string) => fake.open({ environment: { FIREDRILL_TOOL_ALPHA: value } });
  const { alpha, beta } = await open(path).ensure(BOTH);
  assert.deepEqual([alpha!.path, alpha!.source, beta!.source], [path, 'override', 'build']);
  assert.equal(alpha!.digest, 'sha256:3fd30542fe3f61b14bd4a4b2dc0b6fb30fa6f63ebce52dd1778aaa8c4dc02cff');
  const unusable = async (value: string, why: RegExp) => {
    await assert.rejects(open(value).ensure(['alpha']), (error) => {
      assert.match((error as Error).message, why);
      return code('toolchain.override-unusable')(error);
    });
  };
  await unusable('own/alpha', /FIREDRILL_TOOL_ALPHA=own\/alpha: not an absolute path/);
  await unusable('/usr/bin/env', /must be named alpha/);
  await unusable('/nowhere/alpha', /ENOENT/);
});

test('FIREDRILL_TOOLCHAIN=cache makes nothing and names all that is missing', async () => {
  const cached = fake.open({ environment: { FIREDRILL_TOOLCHAIN: 'cache' } });
  await assert.rejects(cached.ensure(BOTH), (error) => {
    assert.match((error as Error).message, /fake 1\.2\.3/);
    assert.match(describeError(error), /next: .*toolchain get alpha" once/);
    return code('toolchain.not-cached')(error);
  });
  await fake.open().ensure(BOTH);
  assert.equal((await cached.ensure(BOTH))['alpha']?.cached, true);
});

test('FIREDRILL_TOOLCHAIN=download refuses what has no pinned checksum', async () => {
  const open = fake.open({ environment: { FIREDRILL_TOOLCHAIN: 'download' } });
  await assert.rejects(open.ensure(BOTH), code('toolchain.not-downloadable'));
  assert.equal(await buildCount(), 0);
});

test('a Go that is missing, too old or failing is told apart', async () => {
  await writeFile(join(fake.folder, 'go-version'), 'go1.25.9\n');
  await assert.rejects(fake.open().ensure(BOTH), code('toolchain.go-too-old'));
  await writeFile(join(fake.folder, 'go-version'), 'go1.26.0\n');
  await writeFile(join(fake.folder, 'fails'), 'main.go:3: undefined: frobnicate\n');
  await assert.rejects(fake.open().ensure(BOTH), (error) => {
    assert.match((error as Error).message, /undefined: frobnicate/);
    return code('toolchain.build-failed')(error);
  });
});

test('a build takes from the settings of the user where modules come from, and no program that would run in it', async () => {
  await writeFile(join(fake.folder, 'go-version'), 'go1.26.8\nhttps://proxy.example\n');
  const environment = { GOENV: '/etc/go-env-of-the-user', GOFLAGS: '-toolexec=/bin/false' };
  await fake.open({ environment }).ensure(BOTH);
  const lines = (await readFile(join(fake.folder, 'environment'), 'utf8')).split('\n');
  for (const line of ['GOENV=off', 'GOFLAGS=', 'GOPROXY=https://proxy.example'])
    assert.ok(lines.includes(line), line);
});

test('a name that is not in the table is refused with those that are', async () => {
  await assert.rejects(fake.open().ensure(['alpha', 'gamma']), (error) => {
    assert.match((error as FiredrillError).hint ?? '', /alpha, beta/);
    return code('toolchain.tool-unknown')(error);
  });
});

test('clean keeps the versions of the table and removes all else; clean of all removes everything of ours', async () => {
  await fake.open().ensure(BOTH);
  await appendFile(join(fake.folder, 'modules', 'fake', 'go.mod'), '// newer\n');
  await fake.open().ensure(BOTH);
  assert.equal((await readdir(join(fake.cacheFolder, 'fake'))).length, 2);
  const cleaned = await fake.open().clean('old');
  assert.equal(cleaned.paths.length, 1);
  assert.ok(cleaned.bytes > 0);
  assert.equal((await fake.open().list())[0]?.state.kind, 'good');
  await mkdir(join(fake.cacheFolder, 'fake', 'of-somebody-else'));
  for (const file of ['notes.txt', join('fake', 'notes.txt')])
    await writeFile(join(fake.cacheFolder, file), 'of somebody else');
  await fake.open().clean('all');
  assert.deepEqual(await readdir(join(fake.cacheFolder, 'fake')), ['notes.txt', 'of-somebody-else']);
  assert.ok((await readdir(fake.cacheFolder)).includes('notes.txt'));
  await rm(join(fake.cacheFolder, 'notes.txt'));
});

test('clean removes what downloads that broke off have left, unless somebody makes tools right now', async () => {
  const partial = join(fake.cacheFolder, 'partial', `${'a'.repeat(40)}.alpha`);
  const other = join(fake.cacheFolder, 'partial', 'of-somebody-else');
  await mkdir(dirname(partial), { recursive: true });
  for (const file of [partial, other]) await writeFile(file, 'half of it');
  const scratch = join(fake.cacheFolder, 'scratch', ownName());
  await mkdir(scratch, { recursive: true });
  assert.deepEqual((await fake.open().clean('old')).paths, []);
  await rm(scratch, { recursive: true });
  assert.deepEqual((await fake.open().clean('old')).paths, [partial]);
  assert.deepEqual(await readdir(dirname(partial)), ['of-somebody-else']);
  await rm(dirname(partial), { recursive: true });
});

test('cached tools are answered in well under 0.3 s', async () => {
  await fake.open().ensure(BOTH);
  const startedAt = performance.now();
  await fake.open().ensure(BOTH);
  assert.ok(performance.now() - startedAt < 300);
});
