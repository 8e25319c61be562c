import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, test } from 'node:test';
import { pruneStore } from './prune-store.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = Date.now();

let store: string;

beforeEach(() => {
  store = temporaryDirectory('prune');
});

function usedHoursAgo(folder: string, name: string, hours: number): void {
  mkdirSync(join(store, folder), { recursive: true });
  const path = join(store, folder, name);
  writeFileSync(path, '');
  const at = new Date(NOW_MS - hours * HOUR_MS);
  utimesSync(path, at, at);
}

const left = (folder: string): string[] => readdirSync(join(store, folder)).sort();

test('what nobody used for long goes, what was used lately stays', async () => {
  usedHoursAgo('archives', 'old.tar', 8 * 24);
  usedHoursAgo('archives', 'new.tar', 6 * 24);
  usedHoursAgo('blobs/sha256', 'old', 15 * 24);
  usedHoursAgo('blobs/sha256', 'new', 13 * 24);
  await pruneStore(store, NOW_MS);
  assert.deepEqual(left('archives'), ['new.tar']);
  assert.deepEqual(left('blobs/sha256'), ['new']);
});

test('of many archives the last used stay, and those that a build may just have found', async () => {
  for (let number = 0; number < 30; number++) usedHoursAgo('archives', `${number + 10}.tar`, number / 10);
  for (let number = 0; number < 10; number++) usedHoursAgo('archives', `x${number}.tar`, 50);
  await pruneStore(store, NOW_MS);
  assert.deepEqual(
    left('archives'),
    Array.from({ length: 24 }, (_, number) => `${number + 10}.tar`),
  );
});

test('a store that is not there yet has nothing to prune', async () => {
  await pruneStore(join(store, 'absent'), NOW_MS);
});
