import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeEach, test } from 'node:test';
import { ImageArchives } from './image-archives.ts';
import { temporaryDirectory } from '../../../harness/testing/temporary-directory.ts';

let directory: string;
let loads: string[];
let archives: ImageArchives;
const image = (reference: string, archive: string) => ({ reference, archive: join(directory, archive) });

beforeEach(() => {
  directory = temporaryDirectory('archives');
  for (const name of ['one.tar', 'two.tar']) writeFileSync(join(directory, name), name);
  loads = [];
  archives = new ImageArchives(join(directory, 'kept'), (archive, nodes) => {
    assert.ok(existsSync(archive), `${archive} is gone`);
    loads.push(`${basename(archive)} into ${nodes.join(',')}`);
    return Promise.resolve();
  });
});

test('an archive is loaded once into each node that lacks something of it', async () => {
  const [a, b] = [image('a:1', 'one.tar'), image('b:1', 'one.tar')];
  await archives.loadThese(['n1'], [a]);
  await archives.loadThese(['n1', 'n2'], [a, b]);
  await archives.loadThese(['n1', 'n2'], [a, b]);
  assert.deepEqual(loads, ['one.tar into n1', 'one.tar into n1,n2']);
});

test('a node that comes later gets what all have, also when the cache has dropped it', async () => {
  archives.remember([image('a:1', 'one.tar')]);
  archives.remember([image('a:1', 'one.tar'), image('c:1', 'two.tar')]);
  rmSync(join(directory, 'one.tar'));
  rmSync(join(directory, 'two.tar'));
  await archives.loadInto('n3');
  assert.deepEqual(loads, ['one.tar into n3', 'two.tar into n3']);
  assert.equal(readFileSync(join(directory, 'kept', 'one.tar'), 'utf8'), 'one.tar');
});

test('a node that did not take an archive is tried again', async () => {
  let fails = true;
  const flaky = new ImageArchives(directory, (archive) => {
    if (fails) return Promise.reject(new Error(`no room for ${archive}`));
    loads.push('loaded');
    return Promise.resolve();
  });
  await assert.rejects(flaky.loadThese(['n1'], [image('a:1', 'one.tar')]), /no room/);
  fails = false;
  await flaky.loadThese(['n1'], [image('a:1', 'one.tar')]);
  assert.deepEqual(loads, ['loaded']);
});
