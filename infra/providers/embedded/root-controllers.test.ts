import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, it } from 'node:test';
import { enableControllers, isMark, restoreControllers } from './root-controllers.ts';
import { temporaryDirectory } from '../../../harness/testing/temporary-directory.ts';

/** Plain files keep the last thing that was written, which is enough to see what the kernel would have been told. */
describe('the controllers at the root of a version 2 hierarchy', () => {
  let root: string;
  const path = () => join(root, 'cgroup.subtree_control');
  const told = () => readFileSync(path(), 'utf8');
  beforeEach(() => {
    root = temporaryDirectory('cgroup');
    writeFileSync(join(root, 'cgroup.controllers'), 'cpu memory pids\n');
  });

  it('are switched on, and those that were off are switched off again', () => {
    writeFileSync(path(), 'cpu pids\n');
    assert.equal(enableControllers(root, 'ours'), '+cpu +memory +pids');
    assert.equal(told(), '+cpu +memory +pids');
    assert.deepEqual(readdirSync(join(root, 'ours')).map(isMark), [true]);
    restoreControllers(root, 'ours');
    assert.equal(told(), '-memory');
    assert.equal(readFileSync(join(root, 'ours', 'cgroup.subtree_control'), 'utf8'), '-memory');
  });

  it('are left as they are where all were on', () => {
    writeFileSync(path(), 'cpu memory pids\n');
    enableControllers(root, 'ours');
    mkdirSync(join(root, 'ours', 'cluster'), { recursive: true });
    assert.deepEqual(readdirSync(join(root, 'ours')).filter(isMark), []);
    writeFileSync(path(), 'untouched');
    restoreControllers(root, 'ours');
    assert.equal(told(), 'untouched');
    restoreControllers(root, 'not-there');
  });
});
