import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, it } from 'node:test';
import {
  clusterPaths,
  foreignEntries,
  liveClusters,
  makeClusterDirectory,
  removeClusterDirectory,
  rootFor,
} from './cluster-directory.ts';
import { identityOf, type ProcessIdentity } from '../process/identity.ts';
import { endCluster } from './end-cluster.ts';
import { NOTHING_SWEPT, reapClusters } from './reap.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

const reap = (root: string) => reapClusters({ embedded: () => Promise.resolve(NOTHING_SWEPT) }, root);

describe('the directory of a cluster', () => {
  let parent: string;
  let root: string;
  beforeEach(() => {
    parent = temporaryDirectory('reap');
    root = join(parent, 'clusters');
  });

  it('is never seen without its maker, so that a reaper leaves it alone', async () => {
    const paths = clusterPaths('young', root);
    makeClusterDirectory(paths, 'young', 'embedded');
    assert.deepEqual(await reap(root), []);
    assert.deepEqual(liveClusters(root), ['young']);
    assert.deepEqual(readdirSync(root), ['young']);
  });

  it('is not said to be absent where the folder of all cannot be read: of another user, or a link to itself', async () => {
    assert.deepEqual(liveClusters(root), []);
    symlinkSync('clusters', root);
    const unreadable = {
      code: 'process.folder-unreadable',
      message: /clusters cannot be read: ELOOP/,
      hint: /HOME, XDG_STATE_HOME and FIREDRILL_STATE_DIR/,
    };
    assert.throws(() => liveClusters(root), unreadable);
    assert.throws(() => foreignEntries(root), unreadable);
    await assert.rejects(reap(root), unreadable);
  });

  it('is given to one maker only, and the loser leaves nothing', () => {
    const paths = clusterPaths('twice', root);
    makeClusterDirectory(paths, 'twice', 'embedded');
    assert.throws(() => makeClusterDirectory(paths, 'twice', 'embedded'), { code: 'cluster.name-in-use' });
    assert.deepEqual(readdirSync(root), ['twice']);
    removeClusterDirectory(paths.directory);
    removeClusterDirectory(paths.directory);
    assert.deepEqual(readdirSync(root), []);
  });

  it('is refused before anything is made for it, where its name or its place will not do', () => {
    makeClusterDirectory(clusterPaths('mine', root), 'mine', 'embedded');
    const env = { FIREDRILL_STATE_DIR: parent };
    assert.throws(() => rootFor('../../x', env), { code: 'cluster.bad-name' });
    assert.throws(() => rootFor('mine', env), { code: 'cluster.name-in-use' });
    assert.equal(rootFor('another', env), root);
    writeFileSync(join(parent, 'file'), '');
    assert.throws(() => rootFor('another', { FIREDRILL_STATE_DIR: join(parent, 'file') }), {
      code: 'process.folder-not-made',
      hint: /FIREDRILL_STATE_DIR/,
    });
  });

  it('is reaped when its supervisor has died, and not listed as live', async () => {
    const dead = await deadProcess();
    for (const [name, file] of [
      ['killed', 'supervisor.json'],
      ['abandoned', 'maker.json'],
    ] as const) {
      mkdirSync(join(root, name), { recursive: true });
      writeFileSync(join(root, name, file), JSON.stringify(dead));
      writeFileSync(join(root, name, 'maker.json'), JSON.stringify(dead));
      writeFileSync(join(root, name, 'provider'), 'embedded');
    }
    mkdirSync(join(root, `.${dead.pid}-${dead.startTicks}-0a0b0c0d`));
    const live = identityOf(process.pid);
    mkdirSync(join(root, `.${process.pid}-${live?.startTicks ?? 0}-0a0b0c0d`));
    makeClusterDirectory(clusterPaths('mine', root), 'mine', 'embedded');
    assert.deepEqual(liveClusters(root), ['mine']);
    const reaped = await Promise.all([reap(root), reap(root)]);
    assert.deepEqual(
      reaped.flat().map((one) => one.cluster),
      ['abandoned', 'killed'],
    );
    assert.equal(readdirSync(root).length, 2);
  });

  it('is never touched where we have not made it, whatever lies there, and hinders nobody', async () => {
    const dead = await deadProcess();
    mkdirSync(join(root, 'prod-backup', 'etcd'), { recursive: true });
    writeFileSync(join(root, 'prod-backup', 'etcd', 'snapshot.db'), 'precious');
    mkdirSync(join(root, 'supervised-by-another'));
    writeFileSync(join(root, 'supervised-by-another', 'supervisor.json'), JSON.stringify(dead));
    mkdirSync(join(root, '.hidden-notes'));
    writeFileSync(join(root, 'README.txt'), 'a file');
    for (const [nth, text] of ['null', '"x"', '[]', '{}', 'by hand'].entries()) {
      mkdirSync(join(root, `made-${nth}`));
      writeFileSync(join(root, `made-${nth}`, 'maker.json'), text);
      writeFileSync(join(root, `made-${nth}`, 'provider'), 'embedded');
    }
    mkdirSync(join(root, 'folders', 'maker.json'), { recursive: true });
    mkdirSync(join(root, 'folders', 'provider'));
    const before = readdirSync(root);
    makeClusterDirectory(clusterPaths('mine', root), 'mine', 'embedded');
    assert.deepEqual(await reap(root), []);
    assert.deepEqual(liveClusters(root), ['mine']);
    assert.deepEqual(foreignEntries(root), before);
    await endCluster(clusterPaths('prod-backup', root), { force: true, sweepers: {} });
    assert.deepEqual(
      readdirSync(root).filter((name) => name !== 'mine'),
      before,
    );
  });

  it('is judged by its maker where the file of its supervisor was cut off', async () => {
    const paths = clusterPaths('cut', root);
    makeClusterDirectory(paths, 'cut', 'embedded');
    writeFileSync(paths.supervisor, '{"pid":');
    assert.deepEqual(await reap(root), []);
  });
});

/** The identity of a process that has ended. */
async function deadProcess(): Promise<ProcessIdentity> {
  const child = spawn('sleep', ['60']);
  const identity = identityOf(child.pid ?? 0);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  assert.ok(identity);
  return identity;
}
