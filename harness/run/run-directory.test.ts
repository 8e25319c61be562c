import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { FiredrillError } from '../core/errors.ts';
import { identityOf } from '../../infra/process/identity.ts';
import {
  abandonedRuns,
  createRunDirectory,
  discardRunDirectory,
  endRunDirectory,
  takeRunLock,
} from './run-directory.ts';
import { runIdAt } from './run-id.ts';

const root = mkdtempSync(join(tmpdir(), 'firedrill-runs-'));
after(() => rmSync(root, { recursive: true }));
const NOON_MS = Date.UTC(2026, 10, 22, 10, 30, 0);
const deadProcess = JSON.stringify({ ...identityOf(process.pid), startTicks: 1 });

test('a run is named by its start in UTC', () => {
  assert.equal(runIdAt(NOON_MS), '20261122-103000');
});

test('two runs within a second get directories of their own, and latest is the newest', () => {
  const first = createRunDirectory(root, NOON_MS);
  const second = createRunDirectory(root, NOON_MS);
  assert.equal(first.runId, '20261122-103000');
  assert.equal(second.runId, '20261122-103001');
  assert.equal(readlinkSync(join(root, 'latest')), second.runId);
});

test('a run in which nothing has begun leaves nothing, and latest is again the one before it', () => {
  const reports = mkdtempSync(join(root, 'reports-'));
  const before = createRunDirectory(reports, NOON_MS);
  discardRunDirectory(createRunDirectory(reports, NOON_MS).directory);
  assert.deepEqual(readdirSync(reports), [before.runId, 'latest']);
  assert.equal(readlinkSync(join(reports, 'latest')), before.runId);
  discardRunDirectory(before.directory);
  assert.deepEqual(readdirSync(reports), []);
});

test('a run whose launcher died is found until it is ended', () => {
  const { directory } = createRunDirectory(root, NOON_MS);
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
    () => createRunDirectory(join(aFile, 'reports'), NOON_MS),
    (error) => error instanceof FiredrillError && error.userError && error.code === 'run.no-directory',
  );
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
