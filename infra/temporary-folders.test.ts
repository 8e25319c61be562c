import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { clearUpAfterOthers } from '../harness/run/clear-up-after-others.ts';
import { reap } from '../harness/cli/verbs/reap.ts';
import { temporaryDirectory } from '../harness/testing/temporary-directory.ts';
import { ownIdentity } from './process/identity.ts';
import { makeTemporaryFolder } from './process/temporary-folder.ts';
import { mountsBelow, sweepTemporaryFolders } from './temporary-folders.ts';

const MODULE = join(import.meta.dirname, 'process', 'temporary-folder.ts');

/** An environment whose folder for temporary files nobody else uses. */
function environment() {
  const TMPDIR = temporaryDirectory('swept');
  return { PATH: process.env['PATH'], TMPDIR, FIREDRILL_STATE_DIR: join(TMPDIR, 'state') };
}

/** A folder whose owner was killed before it could take it away. */
function abandoned(env: { readonly TMPDIR: string }, prefix = 'fd-'): string {
  const program = `
    import { makeTemporaryFolder } from ${JSON.stringify(MODULE)};
    process.stdout.write(makeTemporaryFolder('${prefix}'));
    process.kill(process.pid, 'SIGKILL');`;
  const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    env,
  });
  assert.equal(signal, 'SIGKILL');
  assert.ok(existsSync(join(stdout, '.firedrill-owner')), stdout);
  return stdout;
}

test('the folder of a process that was killed goes, with all that lies in it, and that of one that lives stays', async () => {
  const env = environment();
  const own = makeTemporaryFolder('firedrill-list-', env.TMPDIR);
  const folder = abandoned(env);
  mkdirSync(join(folder, 'deep', 'er'), { recursive: true });
  symlinkSync(own, join(folder, 'elsewhere'));
  assert.deepEqual(await sweepTemporaryFolders(env), [{ folder }]);
  assert.deepEqual(readdirSync(env.TMPDIR), [own.split('/').at(-1)]);
  assert.ok(existsSync(join(own, '.firedrill-owner')));
});

test('what has not our name, our marker and our user alone is never touched', async () => {
  const env = environment();
  const at = (name: string): string => join(env.TMPDIR, name);
  const marker = join(abandoned(env), '.firedrill-owner');
  const owner = JSON.parse(readFileSync(marker, 'utf8')) as Record<string, unknown>;
  const folders: Readonly<Record<string, string | undefined>> = {
    'fd-unmarked': undefined,
    'fd-torn': '{"pid":',
    'fd-foreign': 'null',
    'fd-elsewhere': JSON.stringify({ ...owner, pidNamespace: 'pid:[1]' }),
    'fd-shared': JSON.stringify(owner),
    'theirs-1': JSON.stringify(owner),
  };
  for (const [name, text] of Object.entries(folders)) {
    mkdirSync(at(name), { mode: 0o700 });
    if (text !== undefined) writeFileSync(join(at(name), '.firedrill-owner'), text);
  }
  chmodSync(at('fd-shared'), 0o770);
  renameSync(join(marker, '..'), at('moved'));
  symlinkSync(at('moved'), at('fd-link'));
  writeFileSync(at('fd-file'), '');
  const before = readdirSync(env.TMPDIR);
  assert.deepEqual(await sweepTemporaryFolders(env), []);
  assert.deepEqual(readdirSync(env.TMPDIR), before);
  cpSync(at('moved'), at('fd-copy'), { recursive: true });
  assert.deepEqual(await sweepTemporaryFolders(env), [{ folder: at('fd-copy') }]);
});

test('clusters in the folder of a killed process are reaped first, and one that cannot be keeps its folder', async () => {
  const env = environment();
  const folder = abandoned(env, 'firedrill-bench-');
  const clusters = join(folder, 'firedrill-test-1', 'clusters');
  for (const [name, provider] of [
    ['ours', 'kind'],
    ['strange', 'cloud'],
  ] as const) {
    mkdirSync(join(clusters, name), { recursive: true });
    writeFileSync(join(clusters, name, 'provider'), provider);
    writeFileSync(join(clusters, name, 'maker.json'), JSON.stringify({ ...ownIdentity(), startTicks: 1 }));
  }
  const [swept] = await sweepTemporaryFolders(env);
  assert.match(swept?.left ?? '', /firedrill-test-1 there still is strange$/);
  assert.deepEqual(readdirSync(clusters), ['strange']);
  renameSync(join(clusters, 'strange'), join(folder, 'strange'));
  assert.deepEqual(await sweepTemporaryFolders(env), [{ folder }]);
});

test('a folder below which something is mounted is not its own alone', () => {
  const mountinfo = [
    '22 1 0:20 / /proc rw - proc proc rw',
    '30 1 0:20 / /tmp/fd-a/disk rw - ext4 /dev/loop1 rw',
    '31 1 0:20 / /tmp/fd-ab rw - ext4 /dev/loop2 rw',
    '32 1 0:20 / /tmp/with\\040space/x rw - ext4 /dev/loop3 rw',
    '',
  ].join('\n');
  assert.deepEqual(mountsBelow('/tmp/fd-a', mountinfo), ['/tmp/fd-a/disk']);
  assert.deepEqual(mountsBelow('/tmp/with space', mountinfo), ['/tmp/with space/x']);
});

test('the verb reap and the beginning of a run take such folders away', async () => {
  const env = environment();
  const { signal } = new AbortController();
  let told = '';
  const out = (text: string): void => void (told += text);
  const first = abandoned(env);
  assert.equal(await reap.run([], { env, out, err: out, signal }), 0);
  assert.equal(told, `${first}: removed\n`);
  const second = abandoned(env);
  const provider = { name: 'none', list: () => Promise.resolve([]) } as never;
  await clearUpAfterOthers(join(env.TMPDIR, 'reports'), { provider, env }, out);
  assert.ok(!existsSync(first) && !existsSync(second));
});

test('where there is no folder for temporary files nothing is swept, and who needs one is told what to set', async () => {
  assert.deepEqual(await sweepTemporaryFolders({ TMPDIR: '/nowhere' }), []);
  assert.throws(() => makeTemporaryFolder('fd-test-', '/nowhere'), {
    code: 'process.folder-not-made',
    message: /in \/nowhere: ENOENT/,
    hint: /^set TMPDIR/,
    userError: true,
  });
});
