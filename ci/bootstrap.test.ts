import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

/** A clone in miniature: the bootstrap, a lock file, an entry that prints what it was given, and our own Node. */
const root = mkdtempSync(join(tmpdir(), 'firedrill-bootstrap-'));
after(() => rmSync(root, { recursive: true }));
for (const folder of ['ci', 'bin', 'node_modules', '.firedrill']) mkdirSync(join(root, folder));
cpSync(join(import.meta.dirname, 'bootstrap.mjs'), join(root, 'ci', 'bootstrap.mjs'));
writeFileSync(
  join(root, 'ci', 'check.ts'),
  'console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 7;',
);
const ownNode = `node-${process.platform}-${process.arch}`;
symlinkSync(join(import.meta.dirname, '..', 'node_modules', ownNode), join(root, 'node_modules', ownNode));

const calls = join(root, 'npm-calls');
const npmCalls = (): number =>
  existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n').length : 0;

/** Puts a program in npm's place that counts how often it is asked. */
function npmThat(outcome: 'installs' | 'fails'): void {
  const script = `#!/bin/sh\necho "$@" >> ${calls}\nexit ${outcome === 'installs' ? 0 : 1}\n`;
  writeFileSync(join(root, 'bin', 'npm'), script, { mode: 0o755 });
}
const lockFile = (content: string): void => writeFileSync(join(root, 'package-lock.json'), content);

function bootstrap(...args: readonly string[]) {
  return spawnSync(process.execPath, [join(root, 'ci', 'bootstrap.mjs'), ...args], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${join(root, 'bin')}:/usr/bin:/bin` },
  });
}

test('a failed install says so, leaves no lock, and is tried again', () => {
  lockFile('{}');
  npmThat('fails');
  const { status, stderr } = bootstrap('check');
  assert.equal(status, 70);
  assert.match(stderr, /bootstrap\.install-failed/);
  npmThat('installs');
  assert.equal(bootstrap('check').status, 7);
  assert.equal(npmCalls(), 2);
});

test('once installed it hands arguments and exit code through, and asks npm no more', () => {
  const before = npmCalls();
  const { status, stdout } = bootstrap('check', '--only', 'unit');
  assert.equal(status, 7);
  assert.deepEqual(JSON.parse(stdout), ['--only', 'unit']);
  assert.equal(npmCalls(), before);
});

test('a changed lock file is installed again', () => {
  const before = npmCalls();
  lockFile('{"changed":true}');
  assert.equal(bootstrap('check').status, 7);
  assert.equal(npmCalls(), before + 1);
});

test('the lock of an installer that was killed is taken over', () => {
  lockFile('{"changed":"again"}');
  // Above the highest pid that Linux gives out.
  writeFileSync(join(root, '.firedrill', 'install.lock'), '4194305');
  assert.equal(bootstrap('check').status, 7);
});
