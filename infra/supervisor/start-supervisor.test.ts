import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import { usedTicks } from '../process/identity.ts';
import { clusterPaths, makeClusterDirectory } from './cluster-directory.ts';
import { startSupervisor } from './start-supervisor.ts';

/** Starts a program as a supervisor that opens its door by making a file, and is looked at every 20 ms. */
async function start(source: string, ticksOf: () => number): Promise<unknown> {
  const root = temporaryDirectory('start');
  const paths = clusterPaths('slow', root);
  makeClusterDirectory(paths, 'slow', 'test');
  const path = join(root, 'program.mjs');
  const open = `const open = () => writeFileSync(${JSON.stringify(paths.controlSocket)}, '');`;
  writeFileSync(path, `import { writeFileSync } from 'node:fs';\n${open}\n${source}`);
  const { signal } = new AbortController();
  const busy = { lookEveryMs: 20, ticksOf };
  return await startSupervisor({ path, namespaces: 'host' }, 'slow', paths, {}, signal, busy).catch(
    (error: unknown) => error,
  );
}

test('a supervisor that is busy is waited for until it opens its door, many times as long as an idle one', async () => {
  let ticks = 0;
  assert.equal(await start('setTimeout(open, 200);', () => ++ticks), undefined);
  assert.ok(ticks > 1);
});

test('a supervisor that has nothing to do and no door is told', async () => {
  const error = await start('setTimeout(() => {}, 1_000);', () => 7);
  assert.match(String(error), /the supervisor of slow did nothing for 20 ms and has no door/);
});

test('how busy a process was is what the system says of its processor time', () => {
  const before = usedTicks(process.pid) ?? 0;
  while ((usedTicks(process.pid) ?? 0) < before + 2);
  assert.equal(usedTicks(2 ** 22 + 1), undefined);
});
