import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../harness/testing/temporary-directory.ts';

/** An installed package in miniature: the bootstrap, compiled programs that say what they are, and our Node beside it. */
const modules = join(realpathSync(temporaryDirectory('installed')), 'node_modules');
const programs = join(modules, 'firedrill', 'dist', 'harness', 'cli');
mkdirSync(programs, { recursive: true });
cpSync(join(import.meta.dirname, 'bootstrap.mjs'), join(modules, 'firedrill', 'ci', 'bootstrap.mjs'));
for (const program of ['test', 'firedrill'])
  writeFileSync(
    join(programs, `${program}.js`),
    `console.log(JSON.stringify(['${program}', process.argv0, ...process.argv.slice(2)]));`,
  );
const pinned = join(modules, `node-${process.platform}-${process.arch}`, 'bin', 'node');
mkdirSync(dirname(pinned), { recursive: true });
symlinkSync(process.execPath, pinned);

/** Runs the package's command; `version` is what Node says of itself there. */
function command(version: string, ...args: readonly string[]) {
  const older = join(modules, 'older.mjs');
  writeFileSync(older, `Object.defineProperty(process, 'versions', { value: { node: '${version}' } });`);
  const bootstrap = join(modules, 'firedrill', 'ci', 'bootstrap.mjs');
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--import', older, bootstrap, ...args], {
    encoding: 'utf8',
  });
  return { stderr, status, said: status === 0 ? (JSON.parse(stdout) as string[]) : [] };
}

test('scenarios have a verb of their own, and every other verb is one of firedrill', () => {
  assert.deepEqual(command('24.0.0', 'test', '--list').said, ['test', process.execPath, '--list']);
  for (const verb of ['up', 'check', 'build', 'firedrill-less'])
    assert.deepEqual(command('24.0.0', verb, '--json').said, ['firedrill', process.execPath, verb, '--json']);
});

test("the user's Node runs it where it is new enough, the one that came with it otherwise", () => {
  assert.equal(command('26.1.0', 'status').said[1], process.execPath);
  for (const older of ['18.20.8', '22.9.0']) assert.equal(command(older, 'status').said[1], pinned);
});

test('an old Node and none beside the package is an error with the next step', () => {
  rmSync(pinned);
  const { status, stderr } = command('20.11.1', 'status');
  assert.equal(status, 70);
  assert.match(stderr, /bootstrap\.node-too-old.*20\.11\.1[^]*install Node 24/);
  assert.equal(command('24.0.0', 'status').status, 0);
});
