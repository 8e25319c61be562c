import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ProbeLine } from './protocol.ts';

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
  const child = spawn(process.execPath, [main, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [greeting] = (await once(child.stdout, 'data')) as [Buffer];
  const base = `http://127.0.0.1:${/:(\d+)/.exec(greeting.toString())?.[1] ?? ''}`;
  const spec = { name: 'shop', url, intervalMs: 50, timeoutMs: 300 };
  assert.equal((await fetch(`${base}/targets`, { method: 'POST', body: JSON.stringify(spec) })).status, 201);
  const response = await fetch(`${base}/samples?target=shop`);
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
  assert.equal(gaps.length, 1);
  const lost = (gaps[0]?.toSeq ?? 0) - (gaps[0]?.fromSeq ?? 0) + 1;
  assert.ok(
    lost >= 15 && lost <= 25,
    `${lost} requests were not sent in 1.5 s, of which the last 0.5 s come late`,
  );
  const outcomes = new Set(lines.filter((line) => line.type === 'sample').map(({ outcome }) => outcome));
  outcomes.delete('local');
  assert.deepEqual([...outcomes], ['ok']);
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
