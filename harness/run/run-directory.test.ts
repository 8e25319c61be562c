import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FiredrillError } from '../core/errors.ts';
import { createRng } from '../core/seed.ts';
import { identityOf } from '../../infra/process/identity.ts';
import { clusterPaths } from '../../infra/supervisor/cluster-directory.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import {
  abandonedRuns,
  createRunDirectory as createAndTell,
  discardRunDirectory,
  endRunDirectory,
  takeRunLock,
} from './run-directory.ts';
import { clusterNameOf, runIdAt } from './run-id.ts';

const root = temporaryDirectory('runs');
const createRunDirectory = (reports: string, runId: string): string =>
  createAndTell(reports, runId, (text) => assert.fail(text));
const NOON_MS = Date.UTC(2026, 10, 22, 10, 30, 0);
const deadProcess = JSON.stringify({ ...identityOf(process.pid), startTicks: 1 });

test('a run is named by its start in UTC', () => {
  assert.equal(
    runIdAt(NOON_MS, () => 0.999),
    '20261122-103000-zzzz',
  );
});

test('two runs of the same second are told apart, whatever folders they are in, and their clusters can be named by them', () => {
  const rng = createRng(7);
  const idNow = (): string => runIdAt(NOON_MS, () => rng.next());
  const [first, second] = [idNow(), idNow()];
  assert.notEqual(first, second);
  assert.ok(second < runIdAt(NOON_MS + 1_000, () => 0), 'names sort as their seconds do');
  // The longest name of a cluster that a run makes: one of another topology than usual.
  clusterPaths(`${clusterNameOf(first)}-0123`, root);
});

test('latest is the newest run', () => {
  createRunDirectory(root, '20261122-103000-b');
  createRunDirectory(root, '20261122-103000-a');
  assert.equal(readlinkSync(join(root, 'latest')), '20261122-103000-a');
});

test('a run in which nothing has begun leaves nothing, and latest is again the one before it', () => {
  const reports = join(root, 'reports');
  const before = createRunDirectory(reports, '20261122-103000-z');
  discardRunDirectory(createRunDirectory(reports, '20261122-103001-a'));
  assert.deepEqual(readdirSync(reports), ['20261122-103000-z', 'latest']);
  assert.equal(readlinkSync(join(reports, 'latest')), '20261122-103000-z');
  discardRunDirectory(before);
  assert.deepEqual(readdirSync(reports), []);
});

test('a folder that is called latest, as an artifact store gives the link back, stops no run and stays', () => {
  const reports = join(root, 'restored');
  mkdirSync(join(reports, 'latest'), { recursive: true });
  let told = '';
  const directory = createAndTell(reports, '20261122-103000-a', (text) => (told += text));
  assert.match(
    told,
    /restored\/latest is no link of ours and stays as it is: this run is .*20261122-103000-a\n$/,
  );
  discardRunDirectory(directory);
  assert.deepEqual(readdirSync(reports), ['latest']);
});

test('a run whose pid file was cut off, or holds anything else, is one whose launcher has died', () => {
  const reports = join(root, 'cut');
  const directory = createRunDirectory(reports, '20261122-103000-a');
  for (const text of ['', '{"pid":12', 'null', '{}', '12']) {
    writeFileSync(join(directory, 'pid'), text);
    assert.deepEqual(abandonedRuns(reports), [directory], text);
  }
});

test('a run whose launcher died is found until it is ended', () => {
  const directory = createRunDirectory(root, '20261122-103000-c');
  assert.deepEqual(abandonedRuns(root), [], 'its launcher, this process, is alive');
  writeFileSync(join(directory, 'pid'), deadProcess);
  assert.deepEqual(abandonedRuns(root), [directory]);
  endRunDirectory(directory);
  assert.deepEqual(abandonedRuns(root), []);
});

test('a directory that cannot be written is an error for the user', () => {
  const aFile = join(root, 'a-file');
  writeFileSync(aFile, '');
  assert.throws(
    () => createRunDirectory(join(aFile, 'reports'), '20261122-103000-d'),
    (error) => error instanceof FiredrillError && error.userError && error.code === 'run.no-directory',
  );
  assert.throws(() => takeRunLock(join(aFile, '.firedrill', 'run.lock')), {
    code: 'run.no-directory',
    message: /cannot write to .*a-file\/\.firedrill: ENOTDIR/,
    hint: /run from a directory that can be written/,
  });
});

test('where a file has the name of the reports no run was abandoned, and the one that begins is told', () => {
  const file = join(root, 'no-folder');
  writeFileSync(file, '');
  for (const reports of [file, join(file, 'out')]) {
    assert.deepEqual(abandonedRuns(reports), []);
    assert.throws(() => createRunDirectory(reports, '20261122-103000-d'), { code: 'run.no-directory' });
  }
});

test('a second run in the same directory is refused, with the pid of the first', () => {
  const path = join(root, 'run.lock');
  const first = takeRunLock(path);
  assert.throws(
    () => takeRunLock(path),
    (error) =>
      error instanceof FiredrillError && error.userError && error.message.includes(`pid ${process.pid}`),
  );
  first[Symbol.dispose]();
  takeRunLock(path)[Symbol.dispose]();
});
