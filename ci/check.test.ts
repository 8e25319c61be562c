import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { temporaryDirectory } from '../harness/testing/temporary-directory.ts';

const CHECK = join(import.meta.dirname, 'check.ts');

test('a check that is interrupted says so, counts nothing that had not ended, and exits like its signal', async () => {
  // Without a cache there is enough to do.
  const env = { ...process.env, XDG_CACHE_HOME: temporaryDirectory('no-tools') };
  const check = spawn(process.execPath, [CHECK, '--suite', 'tools'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = text(check.stdout);
  await once(check.stdout, 'data');
  check.kill('SIGINT');
  assert.deepEqual(await once(check, 'exit'), [130, null]);
  assert.match(await said, /^tools: interrupted, until then 0 ok, 0 failed in /m);
  assert.match(await said, /\nstopped by SIGINT: [^\n]+\n0 passed, 0 failed\n$/);
});

test('without a name no figure is measured: those that there are are told, and how to choose', () => {
  for (const args of [[], ['--runs', '1'], ['--all', 'tools']]) {
    const bench = [join(import.meta.dirname, 'bench.ts'), ...args];
    const { status, stdout, stderr } = spawnSync(process.execPath, bench, { encoding: 'utf8' });
    assert.deepEqual([status, stdout], [64, '']);
    assert.match(
      stderr,
      /^choose figures by their names, or --all\nusage: [^]*\n {2}analyze-seconds, analyze-memory: /,
    );
  }
});

test('each help tells the exit codes', () => {
  for (const command of ['check', 'check-long', 'bench']) {
    const args = [join(import.meta.dirname, `${command}.ts`), '--help'];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.equal(status, 0);
    assert.match(
      stdout,
      /^usage: npm run [^]*\nexit codes: 0 .* · 1 .* · 2 .* · 64 bad input · 130\/143 interrupted\n$/,
    );
  }
});
