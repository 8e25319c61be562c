#!/usr/bin/env node
// The first program of every command: runs on Node >= 20 without dependencies, installs ours from the lock file
// when they are missing, and hands over to the Node 24 that came with them. In an installed package there is nothing
// to install, the programs are compiled, and the user's own Node is taken if it is new enough.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

/** How long Node itself needed until here: what every program of ours costs on this machine, as busy as it is. */
const startMs = performance.now();
/** As long as it takes on an idle machine, older versions of Node included. */
const IDLE_START_MS = 200;
const MOST_PATIENCE = 20;
/** Of what is told: a timer of more than 25 days goes off at once. */
const MOST_TOLD_PATIENCE = 100;
/** Where a shell looks that is told no PATH. */
const USUAL_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const SAME_EACH_TIME = ['check', 'check:long', 'bench'];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stampFile = join(modules, '.firedrill-installed');
const lockPath = join(root, '.firedrill', 'install.lock');

/** A package has no sources. */
const isPackage = !existsSync(join(root, 'ci', 'check.ts'));

/** The programs by the verb that starts them; every other verb is one of `firedrill`. */
const ENTRY = isPackage
  ? { test: 'dist/harness/cli/test.js', firedrill: 'dist/harness/cli/firedrill.js' }
  : {
      test: 'harness/cli/test.ts',
      check: 'ci/check.ts',
      'check:lab': 'ci/check-lab.ts',
      'check:long': 'ci/check-long.ts',
      bench: 'ci/bench.ts',
      build: 'ci/build.ts',
      firedrill: 'harness/cli/firedrill.ts',
    };

/** The digest of what is to be installed; undefined in a package, where npm has installed already. */
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

/** A process by its pid and when it started, since a pid is given out again; the pid alone where there is no /proc. */
function identityOf(pid) {
  const ticks = processAt(pid)?.startTicks;
  return ticks === undefined ? String(pid) : `${pid} ${ticks}`;
}

function isAlive(holder) {
  const pid = parseInt(holder, 10);
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  return identityOf(pid) === holder;
}

/**
 * Takes a lock, or returns false where another live process holds it.
 *
 * A lock is a file that is linked into its place whole: nobody ever sees one without its holder. The lock of a
 * process that has died is removed by whoever holds the lock on doing that, after a second look; otherwise the slower
 * of two would remove what the faster has just taken.
 */
function takeLock(path) {
  mkdirSync(dirname(path), { recursive: true });
  const own = `${path}.${process.pid}`;
  writeFileSync(own, identityOf(process.pid));
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(own, { force: true });
  }
  if (holderLives(path)) return false;
  const takeOver = `${path}.over`;
  if (!takeLock(takeOver)) return false;
  try {
    if (!holderLives(path)) rmSync(path, { force: true });
  } finally {
    rmSync(takeOver, { force: true });
  }
  return takeLock(path);
}

function holderLives(path) {
  const holder = holderOf(path);
  // Released between the two looks: there is nothing to remove.
  return holder === undefined || isAlive(holder);
}

function holderOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Has the kernel end a command with us, where setpriv exists. */
function onLeash(command) {
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));
  return setpriv === undefined ? command : [setpriv, '--pdeathsig', 'KILL', '--', ...command];
}

/** Whether what the lock file says is installed, by us or by another process. */
async function install(wanted) {
  let waited = false;
  while (!takeLock(lockPath)) {
    if (installedStamp() === wanted) return true;
    const holder = holderOf(lockPath);
    if (!waited && holder !== undefined)
      process.stderr.write(
        'firedrill: another run is installing the dependencies, waiting for it: ' +
          `process ${parseInt(holder, 10)} holds ${lockPath}\n`,
      );
    waited = true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    if (installedStamp() === wanted) return true;
    process.stderr.write('firedrill: installing dependencies from the lock file\n');
    const startedMs = Date.now();
    // Scripts of packages would compile what nobody here uses (ssh for container engines), or fail for want of a compiler.
    const quietly = ['--no-audit', '--no-fund', '--loglevel=error'];
    const [program, ...words] = onLeash(['npm', 'ci', '--ignore-scripts', ...quietly]);
    const npm = spawnSync(program, words, {
      cwd: root,
      stdio: ['ignore', 2, 2],
    });
    if (npm.error || npm.status !== 0) {
      const why = npm.error ? npm.error.message : `exit code ${npm.status}`;
      process.stderr.write(
        `firedrill: [bootstrap.install-failed] npm ci failed in ${root}: ${why}\n` +
          '  next: see the lines above; npm must be on PATH and able to reach its registry\n',
      );
      return false;
    }
    writeFileSync(stampFile, wanted);
    process.stderr.write(
      `firedrill: dependencies installed in ${((Date.now() - startedMs) / 1000).toFixed(1)} s\n`,
    );
    return true;
  } finally {
    rmSync(lockPath, { force: true });
  }
}

/** Name, parent and start of a process; undefined where it has ended, or this system has no /proc. */
function processAt(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const end = stat.lastIndexOf(')');
    const fields = stat.slice(end + 2).split(' ');
    return {
      name: stat.slice(stat.indexOf('(') + 1, end),
      parent: Number(fields[1]),
      startTicks: fields[0] === 'Z' ? undefined : fields[19],
    };
  } catch {
    return undefined;
  }
}

/**
 * Calls back when npm, whose script this is, was killed. It starts us, or a shell that does, and neither is told:
 * nothing but looking shows that it has gone.
 */
function whenNpmIsGone(callback) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const isShell = /^(ba|da|z|k|a)?sh$|^busybox$/.test(processAt(parent)?.name ?? '');
  const npm = isShell ? processAt(parent)?.parent : parent;
  const timer = setInterval(() => {
    if (process.ppid === parent && (!isShell || processAt(parent)?.parent === npm)) return;
    clearInterval(timer);
    callback();
  }, 500);
  timer.unref();
}

/** The Node to run: pinned in the repository, so that all see the same; the user's own in a package, if new enough. */
function node24() {
  const platformPackage = `node-${process.platform}-${process.arch}`;
  const pinned = [join(modules, platformPackage), join(root, '..', platformPackage)]
    .map((folder) => join(folder, 'bin', 'node'))
    .find((path) => existsSync(path));
  const current = Number(process.versions.node.split('.')[0]) >= 24 ? process.execPath : undefined;
  const node = isPackage ? (current ?? pinned) : (pinned ?? current);
  if (node) return node;
  process.stderr.write(
    `firedrill: [bootstrap.node-too-old] Node ${process.versions.node} runs this, 24 is needed, and the platform package ` +
      `${platformPackage} is not installed\n  next: install Node 24, or reinstall with optional dependencies\n`,
  );
  process.exit(70);
}

/** By how much the limits of time are stretched that depend on the machine's speed: told, or measured. */
function patience() {
  const told = process.env.FIREDRILL_PATIENCE;
  // What the project's own tests and figures take is compared from run to run.
  if ((told === undefined || told === '') && SAME_EACH_TIME.includes(verb)) return '1';
  if (told === undefined || told === '')
    return Math.min(MOST_PATIENCE, Math.max(1, startMs / IDLE_START_MS)).toFixed(1);
  if (Number(told) >= 1 && Number(told) <= MOST_TOLD_PATIENCE) return told;
  process.stderr.write(
    `firedrill: [bootstrap.bad-patience] FIREDRILL_PATIENCE is a number from 1 to ${MOST_TOLD_PATIENCE}, not ${JSON.stringify(told)}\n` +
      '  next: unset it, and it is measured\n',
  );
  process.exit(64);
}

const [verb, ...rest] = process.argv.slice(2);
// What stands behind -- is for others.
if ([verb, ...rest].slice(0, rest.indexOf('--') + 1 || undefined).includes('--version')) {
  process.stdout.write(`${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version}\n`);
  process.exit(process.stdout.errored === null ? 0 : 64);
}
const entry = ENTRY[verb] ?? ENTRY.firedrill;
const args = ENTRY[verb] ? rest : process.argv.slice(2);

const wanted = wantedStamp();
try {
  if (wanted !== undefined && installedStamp() !== wanted && !(await install(wanted))) process.exit(70);
} catch (error) {
  if (error.syscall === undefined) throw error;
  process.stderr.write(
    `firedrill: [bootstrap.install-failed] the dependencies could not be installed in ${root}: ${error.message}\n` +
      '  next: free some space, or make the folder writable for you, or run this once as its owner\n',
  );
  process.exit(70);
}

const node = node24();
// The channel closes when we are killed: the child ends its work in order then.
const child = spawn(node, [join(root, entry), ...args], {
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  env: {
    // Half of a start is stripping types and compiling: Node keeps both for each file until its content changes.
    NODE_COMPILE_CACHE: join(root, '.firedrill', 'compile-cache'),
    ...process.env,
    FIREDRILL_PATIENCE: patience(),
    PATH: `${dirname(node)}:${process.env.PATH || USUAL_PATH}`,
  },
});
// The terminal sends Ctrl-C to the whole group; a signal sent to this process alone is passed on.
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
process.on('SIGINT', () => {});
whenNpmIsGone(() => child.kill('SIGHUP'));
child.on('exit', (code, signal) => {
  process.exitCode = signal ? 128 + (constants.signals[signal] ?? 0) : (code ?? 70);
});
