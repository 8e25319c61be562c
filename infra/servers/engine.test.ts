import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { engineOfEnvironment } from './open-engine.ts';
import { FakeEngine } from './testing/fake-engine.ts';

test('a pull that fails after it has begun has failed, whatever its status was', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'firedrill-servers-'));
  const fake = new FakeEngine(join(directory, 'engine.sock'));
  await fake.start();
  const before = process.env['DOCKER_HOST'];
  process.env['DOCKER_HOST'] = `unix://${fake.socket}`;
  try {
    const engine = await engineOfEnvironment();
    await assert.rejects(engine.pull('a/b:c'), {
      code: 'servers.not-pulled',
      message: 'connection refused',
    });
  } finally {
    if (before === undefined) delete process.env['DOCKER_HOST'];
    else process.env['DOCKER_HOST'] = before;
    await fake.stop();
    rmSync(directory, { recursive: true });
  }
});
