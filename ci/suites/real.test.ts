import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import { bringUp } from './real.ts';

const directory = temporaryDirectory('fixture');
const until = AbortSignal.timeout(20_000);

/** A program that tells where it is, where `tells` says so, and leaves a file when its standard input has ended. */
function program(name: string, tells: boolean): { readonly path: string; readonly takenDown: string } {
  const path = join(directory, `${name}.mjs`);
  const takenDown = join(directory, `${name}-taken-down`);
  writeFileSync(
    path,
    `import { writeFileSync } from 'node:fs';
    ${tells ? `console.log(JSON.stringify({ WHERE: process.env.BELOW + '/here' }));` : ''}
    process.stdin.on('end', () => writeFileSync(${JSON.stringify(takenDown)}, '')).resume();`,
  );
  return { path, takenDown };
}

test('what a program has brought up is found by the environment that it tells, and goes with the suite', async () => {
  const { path, takenDown } = program('lab', true);
  {
    await using fixture = await bringUp(path, { BELOW: '/there' }, until);
    assert.deepEqual(fixture.environment, { WHERE: '/there/here' });
    assert.equal(existsSync(takenDown), false);
  }
  assert.equal(existsSync(takenDown), true);
});

test('who is stopped while it comes up waits until it is taken down', async () => {
  const { path, takenDown } = program('slow', false);
  const stop = new AbortController();
  const coming = bringUp(path, {}, stop.signal);
  stop.abort(new Error('stopped by SIGINT'));
  await assert.rejects(coming, { name: 'AbortError' });
  assert.equal(existsSync(takenDown), true);
});

test('a program that ends before all is up is told', async () => {
  const path = join(directory, 'failing.mjs');
  writeFileSync(path, 'process.exit(3);');
  await assert.rejects(bringUp(path, {}, until), { message: `${path} ended with code 3 before all was up` });
});
