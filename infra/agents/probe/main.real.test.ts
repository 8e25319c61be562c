import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { temporaryDirectory } from '../../../harness/testing/temporary-directory.ts';
import type { ProbeLine } from './protocol.ts';

const TOKEN_FILE = join(temporaryDirectory('probe'), 'token');
writeFileSync(TOKEN_FILE, 'for-tests\n');
const headers = { authorization: 'Bearer for-tests' };

const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
const children: ChildProcess[] = [];

after(() => {
  for (const child of children) child.kill('SIGKILL');
  server.close();
});

/** The agent as a process of its own, and all lines of one target's stream. */
async function startAgent(): Promise<{ child: ChildProcess; lines: ProbeLine[]; ended: Promise<void> }> {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, '--port', '0'], {
    env: { ...process.env, TOKEN_FILE },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [greeting] = (await once(child.stdout, 'data')) as [Buffer];
  const base = `http://127.0.0.1:${/:(\d+)/.exec(greeting.toString())?.[1] ?? ''}`;
  const spec = { name: 'shop', url, intervalMs: 50, timeoutMs: 5_000 };
  const begun = await fetch(`${base}/targets`, { method: 'POST', headers, body: JSON.stringify(spec) });
  assert.equal(begun.status, 201);
  const response = await fetch(`${base}/samples?target=shop`, { headers });
  const lines: ProbeLine[] = [];
  const read = async (): Promise<void> => {
    let rest = '';
    assert.ok(response.body);
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts.map((part) => JSON.parse(part) as ProbeLine));
    }
  };
  return { child, lines, ended: read() };
}

test('an agent that stood still tells a gap, and blames nothing on the service', async () => {
  const { child, lines, ended } = await startAgent();
  await delay(500);
  child.kill('SIGSTOP');
  await delay(1_500);
  child.kill('SIGCONT');
  await delay(1_000);
  child.kill('SIGTERM');
  await ended;
  const gaps = lines.filter((line) => line.type === 'gap');
  const lost = gaps.reduce((sum, { fromSeq, toSeq }) => sum + toSeq - fromSeq + 1, 0);
  assert.ok(
    lost >= 15,
    `${lost} requests were not sent in 1.5 s, of which only the last 0.5 s may come late`,
  );
  const outcomes = new Set(lines.filter((line) => line.type === 'sample').map(({ outcome }) => outcome));
  outcomes.delete('local');
  assert.deepEqual([...outcomes], ['ok']);
  const told = lines.flatMap((line) => {
    if (line.type === 'sample') return [line.seq];
    if (line.type !== 'gap') return [];
    return Array.from({ length: line.toSeq - line.fromSeq + 1 }, (_, index) => line.fromSeq + index);
  });
  assert.deepEqual(told, [...told.keys()], 'each number once and in order');
});

/** How late a thread that does nothing else wakes up: what the machine itself costs at present. */
async function latenessOfTheMachine(wakeUps: number, intervalMs: number): Promise<number[]> {
  const program = `
    const { parentPort, workerData: { wakeUps, intervalMs } } = require('node:worker_threads');
    const cell = new Int32Array(new SharedArrayBuffer(4));
    const late = [];
    const start = performance.now();
    for (let n = 1; n <= wakeUps; n++) {
      Atomics.wait(cell, 0, 0, Math.max(0, start + n * intervalMs - performance.now()));
      late.push(performance.now() - start - n * intervalMs);
    }
    parentPort.postMessage(late);`;
  const worker = new Worker(program, { eval: true, workerData: { wakeUps, intervalMs } });
  const [late] = (await once(worker, 'message')) as [number[]];
  return late;
}

function p99(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? Infinity;
}

test('99 of 100 requests leave within 20 ms of their due instant, on a machine whose timers are in time', async () => {
  const { child, lines } = await startAgent();
  await delay(500);
  const from = lines.length;
  const machine = p99(await latenessOfTheMachine(100, 50));
  child.kill('SIGTERM');
  const late = lines.slice(from).flatMap((line) => (line.type === 'sample' ? [line.lateMs] : []));
  assert.ok(late.length >= 95, `${late.length} samples`);
  assert.ok(Math.min(...late) >= 0, 'none is early');
  assert.ok(p99(late) <= 20 + machine, `p99 ${p99(late)} ms, of the machine itself ${machine} ms`);
});

test('an agent that is told to end decides what is under way, says so, and exits with 0', async () => {
  const { child, lines, ended } = await startAgent();
  await delay(300);
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number | null];
  await ended;
  assert.equal(code, 0);
  const last = lines.at(-1);
  assert.ok(last?.type === 'end' && last.reason === 'shutdown');
  assert.equal(lines.filter((line) => line.type === 'sample').at(-1)?.seq, last.nextSeq - 1);
});
