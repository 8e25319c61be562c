import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildImage } from './build-image.ts';
import { nodeServiceImage } from './service-image.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

const root = process.getuid?.() === 0;

test(
  'a service runs with nothing but its image as the whole file system',
  { skip: !root && 'needs root for chroot' },
  async () => {
    const directory = temporaryDirectory('service');
    writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
    writeFileSync(
      join(directory, 'main.ts'),
      `import { lookup } from 'node:dns/promises';
     const [port]: string[] = process.argv.slice(2);
     lookup('127.0.0.1').then(({ address }) => {
       console.log(JSON.stringify({ port, address, uid: process.getuid!(), cwd: process.cwd(), env: process.env.NODE_ENV }));
     });`,
    );
    const definition = nodeServiceImage({
      name: 'echo',
      entry: join(directory, 'main.ts'),
    });
    const { archive, digest } = await buildImage(definition, join(directory, 'cache'));
    const read = (path: string): Buffer =>
      execFileSync('tar', ['xOf', archive, path], { maxBuffer: 1 << 28 });
    const manifest = JSON.parse(read(`blobs/${digest.replace(':', '/')}`).toString()) as {
      layers: { digest: string }[];
    };
    const rootfs = join(directory, 'rootfs');
    mkdirSync(rootfs);
    for (const layer of manifest.layers) {
      execFileSync('tar', ['xpf', '-', '-C', rootfs], {
        input: read(`blobs/${layer.digest.replace(':', '/')}`),
      });
    }
    const said = execFileSync(
      '/usr/sbin/chroot',
      ['--userspec', definition.user!, rootfs, ...definition.entrypoint, '8080'],
      { encoding: 'utf8', env: definition.env, cwd: rootfs },
    );
    assert.deepEqual(JSON.parse(said), {
      port: '8080',
      address: '127.0.0.1',
      uid: 65532,
      cwd: '/',
      env: 'production',
    });
  },
);
