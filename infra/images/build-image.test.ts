import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildImage, buildImages } from './build-image.ts';
import type { ImageDefinition, ImageLayer } from './definition.ts';

const base: ImageLayer = {
  id: 'base',
  files: [{ path: '/lib/base', from: { bytes: Buffer.alloc(5_000, 1) } }],
};

function image(name: string, content = name): ImageDefinition {
  return {
    name: `firedrill.local/${name}`,
    layers: [
      base,
      { id: name, files: [{ path: '/app', mode: 0o755, from: { bytes: Buffer.from(content) } }] },
    ],
    entrypoint: ['/app', '--serve'],
    env: { PATH: '/usr/bin' },
    workingDir: '/tmp',
    user: '65532:65532',
  };
}

function scratch(context: { after(fn: () => void): void }): string {
  const directory = mkdtempSync(join(tmpdir(), 'firedrill-images-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const members = (archive: string): string[] =>
  execFileSync('tar', ['tf', archive], { encoding: 'utf8' }).trim().split('\n');
const member = (archive: string, path: string): Buffer =>
  execFileSync('tar', ['xOf', archive, path], { maxBuffer: 1 << 26 });
const json = (archive: string, path: string): unknown => JSON.parse(member(archive, path).toString());
const blobPath = (digest: string): string => `blobs/${digest.replace(':', '/')}`;

interface Descriptor {
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

test('the archive is an OCI layout whose digests and sizes are all true', async (context) => {
  const built = await buildImage(image('web'), scratch(context));
  assert.deepEqual(json(built.archive, 'oci-layout'), { imageLayoutVersion: '1.0.0' });
  for (const path of members(built.archive).filter((name) => /^blobs\/sha256\/./.test(name))) {
    const digest = createHash('sha256').update(member(built.archive, path)).digest('hex');
    assert.equal(path, `blobs/sha256/${digest}`);
  }
  const index = json(built.archive, 'index.json') as { manifests: Descriptor[] };
  const [entry] = index.manifests;
  assert.equal(entry!.annotations!['io.containerd.image.name'], built.reference);
  assert.equal(entry!.digest, built.digest);
  const manifest = json(built.archive, blobPath(entry!.digest)) as {
    config: Descriptor;
    layers: Descriptor[];
  };
  for (const { digest, size } of [entry!, manifest.config, ...manifest.layers]) {
    assert.equal(member(built.archive, blobPath(digest)).length, size);
  }
  const config = json(built.archive, blobPath(manifest.config.digest)) as Record<string, unknown>;
  assert.deepEqual(config['config'], {
    Entrypoint: ['/app', '--serve'],
    Env: ['PATH=/usr/bin'],
    WorkingDir: '/tmp',
    User: '65532:65532',
  });
  assert.deepEqual(config['rootfs'], {
    type: 'layers',
    diff_ids: manifest.layers.map((layer) => layer.digest),
  });
  assert.match(built.reference, /^firedrill\.local\/web:[0-9a-f]{16}$/);
});

test('the same content gives the same bytes anywhere, other content another tag', async (context) => {
  const [here, there, other] = [
    await buildImage(image('web'), scratch(context)),
    await buildImage(image('web'), scratch(context)),
    await buildImage(image('web', 'changed'), scratch(context)),
  ];
  assert.deepEqual(readFileSync(here.archive), readFileSync(there.archive));
  assert.equal(here.reference, there.reference);
  assert.notEqual(here.reference, other.reference);
});

test('images built together share one archive, with their common layer in it once', async (context) => {
  const directory = scratch(context);
  const [web, catalogue] = await buildImages([image('web'), image('catalogue')], directory);
  assert.equal(web!.archive, catalogue!.archive);
  const blobs = members(web!.archive).filter((name) => /^blobs\/sha256\/./.test(name));
  assert.equal(blobs.length, 2 * 3 + 1);
  assert.equal(new Set(blobs).size, blobs.length);
});

test('what was built is not written again; what is broken in the cache is', async (context) => {
  const directory = scratch(context);
  const first = await buildImage(image('web'), directory);
  const { ino } = statSync(first.archive);
  assert.equal((await buildImage(image('web'), directory)).archive, first.archive);
  assert.equal(statSync(first.archive).ino, ino);

  const whole = readFileSync(first.archive);
  truncateSync(first.archive, 1_000);
  for (const blob of readdirSync(join(directory, 'blobs/sha256')))
    truncateSync(join(directory, 'blobs/sha256', blob), 1);
  await buildImage(image('web'), directory);
  assert.deepEqual(readFileSync(first.archive), whole);
});

test('archives that nobody used for a week are removed when another one is written', async (context) => {
  const directory = scratch(context);
  const old = await buildImage(image('old'), directory);
  const eightDaysAgo = Date.now() / 1000 - 8 * 86_400;
  utimesSync(old.archive, eightDaysAgo, eightDaysAgo);
  const fresh = await buildImage(image('fresh'), directory);
  assert.deepEqual(readdirSync(join(directory, 'archives')), [fresh.archive.split('/').at(-1)]);
});

test('four processes at once, one of them killed: whole archives, no stray files that count', async (context) => {
  const directory = scratch(context);
  const source = join(directory, 'big');
  writeFileSync(source, Buffer.alloc(30_000_000, 3));
  const script = `
    import { buildImage } from ${JSON.stringify(new URL('./build-image.ts', import.meta.url).href)};
    const layers = [{ id: 'big', files: [{ path: '/big', from: { file: ${JSON.stringify(source)} } }] }];
    console.log('begin');
    const built = await buildImage({ name: 'firedrill.local/big', layers, entrypoint: ['/big'] }, ${JSON.stringify(directory)});
    console.log(built.archive, built.digest);`;
  const builders = [1, 2, 3, 4].map((number) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (number === 1) setTimeout(() => child.kill('SIGKILL'), 15);
    });
    return once(child, 'close').then(() => said.split('\n')[1] ?? '');
  });
  const [, ...lines] = await Promise.all(builders);
  assert.equal(new Set(lines).size, 1);
  const [archive, digest] = lines[0]!.split(' ');
  assert.equal((json(archive!, 'index.json') as { manifests: Descriptor[] }).manifests[0]!.digest, digest);
  assert.equal(readdirSync(join(directory, 'archives')).length, 1);
});

test('a name that no registry would take is refused', async (context) => {
  const directory = scratch(context);
  for (const name of ['Web', 'firedrill.local/web:1', 'web', 'firedrill.local/']) {
    await assert.rejects(buildImage({ ...image('web'), name }, directory), { code: 'images.bad-name' }, name);
  }
});
