#!/usr/bin/env node
// The first program of every command: runs on Node >= 20 without dependencies, installs ours from the lock file
// when they are missing, and hands over to the Node 24 that came with them.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stampFile = join(modules, '.firedrill-installed');
const lockPath = join(root, '.firedrill', 'install.lock');

const ENTRY = {
  test: 'harness/cli/test.ts',
  check: 'ci/check.ts',
  bench: 'ci/bench.ts',
  firedrill: 'harness/cli/firedrill.ts',
};

/** The digest of what is to be installed; undefined in a published package, where npm has installed already. */
function wantedStamp() {
  const lock = join(root, 'package-lock.json');
  if (!existsSync(lock)) return undefined;
  return createHash('sha256')
    .update(readFileSync(lock))
    .update(process.platform)
    .update(process.arch)
    .digest('hex');
}

function installedStamp() {
  return existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : undefined;
}

function processIsAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Takes the install lock, or returns false where another live process holds it. */
function takeLock() {
  mkdirSync(dirname(lockPath), { recursive: true });
  try {
    const fd = openSync(lockPath, 'wx');
    writeSync(fd, String(process.pid));
    closeSync(fd);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const holder = Number(readFileSync(lockPath, 'utf8')) || 0;
  const ageMs = Date.now() - statSync(lockPath).mtimeMs;
  // An empty lock is one whose owner has not written its pid yet, unless it is old.
  if (holder === 0 ? ageMs > 5_000 : !processIsAlive(holder)) rmSync(lockPath, { force: true });
  return false;
}

async function install(wanted) {
  let waited = false;
  while (!takeLock()) {
    if (installedStamp() === wanted) return;
    if (!waited)
      process.stderr.write('firedrill: another run is installing the dependencies, waiting for it\n');
    waited = true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    if (installedStamp() === wanted) return;
    process.stderr.write('firedrill: installing dependencies from the lock file\n');
    const startedMs = Date.now();
    const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      stdio: ['ignore', 2, 2],
    });
    if (npm.error || npm.status !== 0) {
      const why = npm.error ? npm.error.message : `exit code ${npm.status}`;
      process.stderr.write(
        `firedrill: [bootstrap.install-failed] npm ci failed in ${root}: ${why}\n` +
          '  next: see the lines above; npm must be on PATH and able to reach its registry\n',
      );
      process.exit(70);
    }
    writeFileSync(stampFile, wanted);
    process.stderr.write(
      `firedrill: dependencies installed in ${((Date.now() - startedMs) / 1000).toFixed(1)} s\n`,
    );
  } finally {
    rmSync(lockPath, { force: true });
  }
}

/** The Node to run: our own where the platform has one, the current one if it is new enough. */
function node24() {
  const own = [
    join(modules, `node-${process.platform}-${process.arch}`, 'bin', 'node'),
    join(root, '..', `node-${process.platform}-${process.arch}`, 'bin', 'node'),
  ].find((path) => existsSync(path));
  if (own) return own;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  process.stderr.write(
    `firedrill: [bootstrap.node-too-old] Node ${process.versions.node} runs this, 24 is needed, and the platform package ` +
      `node-${process.platform}-${process.arch} is not installed\n  next: install Node 24, or reinstall with optional dependencies\n`,
  );
  process.exit(70);
}

const [verb, ...rest] = process.argv.slice(2);
const entry = ENTRY[verb] ?? ENTRY.firedrill;
const args = ENTRY[verb] ? rest : process.argv.slice(2);

const wanted = wantedStamp();
if (wanted !== undefined && installedStamp() !== wanted) await install(wanted);

const compiled = join(root, 'dist', entry.replace(/\.ts$/, '.js'));
const program = existsSync(join(root, entry)) ? join(root, entry) : compiled;
const node = node24();
const child = spawn(node, [program, ...args], {
  stdio: 'inherit',
  env: { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}`, FIREDRILL_ROOT: root },
});
// The terminal sends Ctrl-C to the whole group; a signal sent to this process alone is passed on.
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
process.on('SIGINT', () => {});
child.on('exit', (code, signal) => {
  process.exitCode = signal ? 128 + (constants.signals[signal] ?? 0) : (code ?? 70);
});
