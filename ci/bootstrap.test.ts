import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ownIdentity } from '../infra/process/identity.ts';
import { temporaryDirectory } from '../harness/testing/temporary-directory.ts';

/** A clone in miniature: the bootstrap, a lock file, an entry that prints what it was given, and our own Node. */
const root = temporaryDirectory('bootstrap');
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
    timeout: 20_000,
    env: { ...process.env, PATH: `${join(root, 'bin')}:/usr/bin:/bin` },
  });
}

const pick = ({ status, stdout }: ReturnType<typeof bootstrap>) => [status, stdout];

test('a failed install says so, leaves no lock, and is tried again', () => {
  lockFile('{}');
  npmThat('fails');
  const { status, stderr } = bootstrap('check');
  assert.equal(status, 70);
  assert.match(stderr, /bootstrap\.install-failed/);
  assert.deepEqual(readdirSync(join(root, '.firedrill')), []);
  npmThat('installs');
  assert.equal(bootstrap('check').status, 7);
  assert.equal(npmCalls(), 2);
});

test('a folder that cannot be written is told with the next step, and without a stack', () => {
  lockFile('{ "another": true }');
  const lock = join(root, '.firedrill', 'install.lock');
  mkdirSync(lock);
  const { status, stderr } = bootstrap('check');
  rmSync(lock, { recursive: true });
  lockFile('{}');
  assert.equal(status, 70);
  assert.match(
    stderr,
    /^firedrill: \[bootstrap\.install-failed\] the dependencies .* EISDIR.*\n  next: .*\n$/,
  );
});

test('once installed it hands arguments and exit code through, and asks npm no more', () => {
  const before = npmCalls();
  const { status, stdout } = bootstrap('check', '--only', 'unit');
  assert.equal(status, 7);
  assert.deepEqual(JSON.parse(stdout), ['--only', 'unit']);
  assert.equal(npmCalls(), before);
});

test('what Node has compiled is kept in the project, or where the user says', () => {
  const entry = join(root, 'ci', 'build.ts');
  writeFileSync(entry, 'console.log(process.env.NODE_COMPILE_CACHE);');
  delete process.env['NODE_COMPILE_CACHE'];
  assert.equal(bootstrap('build').stdout.trim(), join(root, '.firedrill', 'compile-cache'));
  process.env['NODE_COMPILE_CACHE'] = join(root, 'elsewhere');
  assert.equal(bootstrap('build').stdout.trim(), join(root, 'elsewhere'));
  delete process.env['NODE_COMPILE_CACHE'];
});

test('how patient a machine needs its programs to be is measured at the start, or told', () => {
  const entry = join(root, 'ci', 'build.ts');
  writeFileSync(entry, 'console.log(process.env.FIREDRILL_PATIENCE);');
  delete process.env['FIREDRILL_PATIENCE'];
  const measured = Number(bootstrap('build').stdout);
  assert.ok(measured >= 1 && measured <= 20, String(measured));
  writeFileSync(join(root, 'ci', 'check-long.ts'), 'console.log(process.env.FIREDRILL_PATIENCE);');
  assert.equal(bootstrap('check:long').stdout.trim(), '1');
  process.env['FIREDRILL_PATIENCE'] = '7.5';
  assert.equal(bootstrap('build').stdout.trim(), '7.5');
  // With a million, timers of minutes would go off at once.
  for (const wrong of ['much', '0.5', '1e6', 'Infinity']) {
    process.env['FIREDRILL_PATIENCE'] = wrong;
    const { status, stderr } = bootstrap('build');
    assert.deepEqual([status, stderr.includes(`from 1 to 100, not "${wrong}"`)], [64, true], wrong);
  }
  delete process.env['FIREDRILL_PATIENCE'];
});

test('--version is told wherever it stands before --, and not behind it', () => {
  writeFileSync(join(root, 'package.json'), '{ "version": "1.2.3", "type": "module" }');
  for (const words of [['--version'], ['check', '--version'], ['check', '--only', 'unit', '--version']])
    assert.deepEqual(pick(bootstrap(...words)), [0, '1.2.3\n'], words.join(' '));
  assert.deepEqual(pick(bootstrap('check', 'a', '--', '--version')), [7, '["a","--","--version"]\n']);
  const full = openSync('/dev/full', 'w');
  const version = [join(root, 'ci', 'bootstrap.mjs'), '--version'];
  const { status } = spawnSync(process.execPath, version, { stdio: ['ignore', full, 'ignore'] });
  closeSync(full);
  assert.equal(status, 64, 'it was not told');
});

test('without a PATH programs are looked for where a shell would look', () => {
  writeFileSync(join(root, 'ci', 'build.ts'), 'console.log(process.env.PATH);');
  const { stdout } = spawnSync(process.execPath, [join(root, 'ci', 'bootstrap.mjs'), 'build'], {
    encoding: 'utf8',
    env: {},
  });
  assert.match(stdout, /\/bin:\/usr\/local\/sbin:.*:\/bin$/m);
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

test('the lock of a process whose pid was given out again is taken over; of one that lives, pid and file are told', async () => {
  const lock = join(root, '.firedrill', 'install.lock');
  const { pid, startTicks } = ownIdentity();
  lockFile('{"pid":"given out again"}');
  writeFileSync(lock, `${pid} ${startTicks - 1}`);
  assert.equal(bootstrap('check').status, 7);

  lockFile('{"pid":"of one that lives"}');
  writeFileSync(lock, `${pid} ${startTicks}`);
  const waiting = spawn(process.execPath, [join(root, 'ci', 'bootstrap.mjs'), 'check'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, PATH: `${join(root, 'bin')}:/usr/bin:/bin` },
  });
  const [told] = (await once(waiting.stderr, 'data')) as [Buffer];
  assert.match(String(told), new RegExp(`process ${pid} holds ${lock}`));
  rmSync(lock);
  assert.deepEqual(await once(waiting, 'exit'), [7, null]);
});

test('two that come at the same moment to the lock of a dead one install once, also when it was left empty', async () => {
  for (const left of ['4194305', '']) {
    const before = npmCalls();
    lockFile(JSON.stringify({ race: left }));
    writeFileSync(join(root, '.firedrill', 'install.lock'), left);
    const racers = Array.from({ length: 6 }, () =>
      spawn(process.execPath, [join(root, 'ci', 'bootstrap.mjs'), 'check'], {
        stdio: 'ignore',
        env: { ...process.env, PATH: `${join(root, 'bin')}:/usr/bin:/bin` },
      }),
    );
    const codes = await Promise.all(racers.map(async (racer) => (await once(racer, 'exit'))[0] as number));
    assert.deepEqual(new Set(codes), new Set([7]));
    assert.equal(npmCalls(), before + 1);
  }
});

/** An entry that stays until it is told that whoever started it has gone, and says on a socket which it was. */
async function endOfEntry(start: readonly string[], environment: NodeJS.ProcessEnv): Promise<string> {
  const told: string[] = [];
  const up = Promise.withResolvers<undefined>();
  const ended = Promise.withResolvers<undefined>();
  const server = createServer((socket) => {
    socket.on('data', (data) => {
      told.push(String(data));
      // Only now it has said what it does at its end; at the moment of the connection it may not yet.
      up.resolve(undefined);
    });
    socket.on('end', () => ended.resolve(undefined));
  });
  const path = join(root, 'told.sock');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const tell = `import { connect } from 'node:net';
    const line = connect(${JSON.stringify(path)}, () => line.write('up'));
    const end = (why) => line.end(why, () => process.exit());
    process.on('disconnect', () => end(' channel'));
    process.on('SIGHUP', () => end(' signal'));`;
  writeFileSync(join(root, 'ci', 'bench.ts'), tell);
  const [program = '', ...args] = start;
  const child = spawn(program, args, { stdio: 'ignore', env: { ...process.env, ...environment } });
  await up.promise;
  child.kill('SIGKILL');
  await ended.promise;
  server.close();
  rmSync(path, { force: true });
  return told.join('');
}

test(
  'a kill -9 of the bootstrap reaches the entry, and so does one of npm above it',
  { timeout: 20_000 },
  async () => {
    const bootstrapFile = join(root, 'ci', 'bootstrap.mjs');
    assert.equal(await endOfEntry([process.execPath, bootstrapFile, 'bench'], {}), 'up channel');
    const script = `require('node:child_process').spawnSync('sh', ['-c', '${process.execPath} ${bootstrapFile} bench; true'])`;
    const npm = [process.execPath, '-e', script];
    assert.equal(await endOfEntry(npm, { npm_lifecycle_event: 'bench' }), 'up signal');
  },
);
