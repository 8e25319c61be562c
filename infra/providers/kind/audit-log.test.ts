import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ContainerEngine } from '../../engine/engine.ts';
import { followAudit } from './audit-log.ts';
import { temporaryDirectory } from '../../../harness/testing/temporary-directory.ts';

const WITHIN_MS = 20_000;
let directory: string;
let log: string;
let stop: AbortController;

beforeEach(() => {
  directory = temporaryDirectory('audit');
  log = join(directory, 'audit.log');
  stop = new AbortController();
});
afterEach(() => {
  stop.abort();
  // Whatever still follows a log of this test ends when that is gone.
  rmSync(directory, { recursive: true });
});

/** An engine whose containers are this machine, with the logs in our directory: `exec NODE sh -c SCRIPT NAME SEEN DIRECTORY`. */
function engineRuns(how = 'exec sh -c "$5" "$6" "$7" "$logs"'): void {
  mkdirSync(join(directory, 'bin'));
  const file = join(directory, 'bin', 'docker');
  writeFileSync(file, `#!/bin/sh\nlogs=${directory}\necho "$7" >> ${directory}/starts\n${how}\n`);
  chmodSync(file, 0o755);
}

function write(...numbers: readonly number[]): void {
  appendFileSync(log, numbers.map((n) => `{"n":${n}}\n`).join(''));
}

/** As the API server does it: the old one gets a name with the time, and stays. */
function rotate(time: string): void {
  renameSync(log, join(directory, `audit-${time}.log`));
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  const endMs = performance.now() + WITHIN_MS;
  while (!isSo()) {
    assert.ok(performance.now() < endMs, what);
    await delay(20);
  }
}

/** Numbers of the events that were told, as they come. */
function follow(): readonly unknown[] {
  const seen: unknown[] = [];
  const path = `${join(directory, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`;
  const engine = new ContainerEngine('docker', { ...process.env, PATH: path });
  followAudit(engine, 'node', (event) => seen.push(event['n']), stop.signal);
  return seen;
}

test('an audit log that breaks off in the middle of a line goes on with that line, and tells no event twice', async () => {
  write(1, 2, 3);
  engineRuns(
    `if [ "$7" = 0 ]; then head -c 20 "$logs/audit.log"; echo; exit; fi\nexec sh -c "$5" "$6" "$7" "$logs"`,
  );
  const seen = follow();
  await until('the third event', () => seen.includes(3));
  assert.deepEqual(seen, [1, 2, 3]);
});

test('an audit log that the API server begins anew is followed into the new one, and no event is lost or told twice', async () => {
  write(1, 2);
  engineRuns();
  const seen = follow();
  await until('the first log', () => seen.length === 2);
  write(3);
  rotate('2026-11-22T10-00-00.000');
  write(4);
  await until('the second log', () => seen.includes(4));
  // The last words of one log and all of the next are written while nobody looks.
  write(5);
  rotate('2026-11-22T11-00-00.000');
  write(6, 7);
  rotate('2026-11-22T12-00-00.000');
  write(8);
  await until('the fourth log', () => seen.includes(8));
  assert.deepEqual(seen, [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal(readFileSync(join(directory, 'starts'), 'utf8').split('\n')[0], '0');
});

test('a log that was begun anew before anybody followed is told from its beginning', async () => {
  write(1, 2);
  rotate('2026-11-22T10-00-00.000');
  write(3);
  engineRuns();
  const seen = follow();
  await until('all', () => seen.includes(3));
  assert.deepEqual(seen, [1, 2, 3]);
});

test('an event is told as it happens, and not when somebody looks the next time', async () => {
  write(1);
  engineRuns();
  const seen = follow();
  await until('the first', () => seen.length === 1);
  const slowestMs = await slowest(5, async (n) => {
    write(n);
    await until(`event ${n}`, () => seen.includes(n));
  });
  assert.ok(slowestMs < 500, `${slowestMs} ms`);
});

async function slowest(times: number, work: (n: number) => Promise<void>): Promise<number> {
  let slowestMs = 0;
  for (let n = 2; n < 2 + times; n++) {
    const startedMs = performance.now();
    await work(n);
    slowestMs = Math.max(slowestMs, performance.now() - startedMs);
  }
  return slowestMs;
}
