import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openToolchain } from '../toolchain/index.ts';
import { buildImages } from './build-image.ts';
import type { BuiltImage, ImageDefinition } from './definition.ts';
import { nodeLayer, NODE_PATH } from './node-layer.ts';
import { pauseImage } from './pause.ts';

const HELLO: ImageDefinition = {
  name: 'firedrill.local/hello-import',
  layers: [
    nodeLayer(),
    { id: 'hello', files: [{ path: '/app/hello.cjs', from: { bytes: Buffer.from('console.log(6 * 7);') } }] },
  ],
  entrypoint: [NODE_PATH, '/app/hello.cjs'],
};

describe('a container runtime', { concurrency: false }, () => {
  let directory: string;
  let containerd: ReturnType<typeof spawn>;
  let ctr: (...args: string[]) => string;

  before(async () => {
    const tools = await openToolchain(process.env).ensure(['containerd', 'ctr']);
    directory = mkdtempSync(join(tmpdir(), 'firedrill-import-'));
    const socket = join(directory, 'sock');
    const config = join(directory, 'config.toml');
    writeFileSync(
      config,
      [
        'version = 3',
        `root = "${directory}/root"`,
        `state = "${directory}/state"`,
        // Importing needs none of what Kubernetes would.
        'disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.cri.v1.runtime", "io.containerd.cri.v1.images"]',
        '[grpc]',
        `address = "${socket}"`,
      ].join('\n'),
    );
    containerd = spawn(tools.containerd.path, ['--config', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    containerd.stderr!.setEncoding('utf8').on('data', (text: string) => (said += text));
    for (let look = 0; !said.includes('successfully booted'); look++) {
      assert.ok(look < 400 && containerd.exitCode === null, `containerd did not start: ${said}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    ctr = (...args) =>
      execFileSync(tools.ctr.path, ['--address', socket, '--namespace', 'k8s.io', ...args], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
  });

  after(async () => {
    containerd.kill('SIGTERM');
    await once(containerd, 'exit');
    rmSync(directory, { recursive: true, force: true });
  });

  const importThem = ([first]: readonly BuiltImage[]): void => void ctr('images', 'import', first!.archive);

  it('takes images that were built together, under their own names and digests', async () => {
    const built = await buildImages([pauseImage(), HELLO], join(directory, 'cache'));
    importThem(built);
    const listing = ctr('images', 'list');
    for (const { reference, digest } of built) {
      const line = listing.split('\n').find((text) => text.startsWith(`${reference} `));
      assert.ok(line?.includes(digest), `${reference} in ${listing}`);
    }
  });
});
