import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { after, describe, test } from 'node:test';
import { machineClock } from '../http/machine-clock.ts';
import { startProbeAgent } from './agent.ts';
import type { ProbeLine, ProbeSampleLine, ProbeTargetSpec, ProbeTargetState } from './protocol.ts';

const clock = machineClock();
const token = 'for-tests';
const headers = { authorization: `Bearer ${token}` };
const agent = await startProbeAgent({ host: '127.0.0.1', port: 0, token, clock });
const base = `http://127.0.0.1:${agent.port}`;
const servers = new Set<Server>();

after(async () => {
  for (const server of servers) server.close();
  await agent.close();
});

async function listening<S extends Server>(
  server: S,
): Promise<{ server: S; url: string; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.add(server);
  return { server, sockets, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

const httpServer = (listener: RequestListener) => listening(createHttpServer(listener));

async function post(spec: ProbeTargetSpec): Promise<{ status: number; body: ProbeTargetState }> {
  const response = await fetch(`${base}/targets`, { method: 'POST', headers, body: JSON.stringify(spec) });
  return { status: response.status, body: (await response.json()) as ProbeTargetState };
}

async function remove(name: string): Promise<void> {
  const response = await fetch(`${base}/targets/${name}`, { method: 'DELETE', headers });
  assert.equal(response.status, 200, await response.text());
}

/** Lines of a stream until `enough`, then the connection is cut. */
async function read(
  query: string,
  enough: (line: ProbeLine, lines: readonly ProbeLine[]) => boolean,
): Promise<ProbeLine[]> {
  const cut = new AbortController();
  const response = await fetch(`${base}/samples?${query}`, { headers, signal: cut.signal });
  assert.equal(response.status, 200);
  const lines: ProbeLine[] = [];
  let rest = '';
  assert.ok(response.body);
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const line = JSON.parse(part) as ProbeLine;
      lines.push(line);
      if (enough(line, lines)) {
        cut.abort();
        return lines;
      }
    }
  }
  return lines;
}

const samplesOf = (lines: readonly ProbeLine[]): ProbeSampleLine[] =>
  lines.filter((line) => line.type === 'sample');
const samples = (count: number) => (_: ProbeLine, lines: readonly ProbeLine[]) =>
  samplesOf(lines).length >= count;

/** Probes `url` for `count` samples. */
async function probe(
  name: string,
  spec: Omit<ProbeTargetSpec, 'name'>,
  count: number,
): Promise<ProbeSampleLine[]> {
  assert.equal((await post({ name, intervalMs: 20, timeoutMs: 5_000, ...spec })).status, 201);
  const lines = await read(`target=${name}`, samples(count));
  await remove(name);
  return samplesOf(lines);
}

const outcomes = (lines: readonly ProbeSampleLine[]): string[] => [
  ...new Set(lines.map(({ outcome }) => outcome)),
];

describe('how a request ends', { timeout: 60_000 }, () => {
  test('a good answer is ok, on a new connection each time', async () => {
    let connections = 0;
    const { server, url } = await httpServer((_, response) => response.end('hello'));
    server.on('connection', () => connections++);
    const seen = await probe('good', { url }, 10);
    assert.deepEqual(outcomes(seen), ['ok']);
    assert.ok(connections >= 10, `${connections} connections`);
  });

  test('a server that answers 500 is a failure that names the status', async () => {
    const { url } = await httpServer((_, response) => response.writeHead(500).end('no'));
    const [first] = await probe('five-hundred', { url }, 1);
    assert.equal(first?.outcome, 'status');
    assert.equal(first.status, 500);
    assert.equal(first.error, 'status 500 instead of 2xx');
  });

  test('a body without the expected text is a failure', async () => {
    const { url } = await httpServer((_, response) => response.end('sorry'));
    const [first] = await probe('wrong-body', { url, expect: { bodyIncludes: 'welcome' } }, 1);
    assert.equal(first?.outcome, 'body');
  });

  test('a server that accepts and stays silent times out, within the time-out', async () => {
    const { url } = await listening(createServer(() => undefined));
    const seen = await probe('silent', { url, timeoutMs: 150 }, 5);
    assert.deepEqual(
      outcomes(seen).filter((outcome) => outcome !== 'local'),
      ['timeout'],
    );
    for (const { latencyMs, connectMs } of seen) {
      assert.ok(latencyMs >= 149 && latencyMs < 1_000, `${latencyMs} ms`);
      assert.ok(connectMs !== undefined);
    }
  });

  test('a server that stops half-way through its answer times out', async () => {
    const { url } = await listening(
      createServer((socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf')),
    );
    assert.deepEqual(outcomes(await probe('half', { url, timeoutMs: 150 }, 3)), ['timeout']);
  });

  test('a server that closes before its answer is whole is told as closed', async () => {
    const { url } = await listening(
      createServer((socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf')),
    );
    assert.deepEqual(outcomes(await probe('cut-short', { url }, 3)), ['closed']);
  });

  test('a server that resets the connection is told as reset', async () => {
    const { url } = await listening(createServer((socket) => socket.resetAndDestroy()));
    assert.deepEqual(outcomes(await probe('reset', { url }, 3)), ['reset']);
  });

  test('a server that speaks another protocol is malformed', async () => {
    const { url } = await listening(createServer((socket) => void socket.end('SSH-2.0-x\r\n')));
    assert.deepEqual(outcomes(await probe('other-protocol', { url }, 3)), ['malformed']);
  });

  test('a server that dies is refused, and one that comes back is ok again', async () => {
    const first = await httpServer((_, response) => response.end());
    const { port } = first.server.address() as AddressInfo;
    await post({ name: 'dying', url: first.url, intervalMs: 20, timeoutMs: 5_000 });
    let second: Server | undefined;
    const lines = await read('target=dying', (line, all) => {
      if (line.type !== 'sample') return false;
      if (line.outcome === 'ok' && samplesOf(all).length === 5) first.server.close();
      if (line.outcome === 'refused' && second === undefined) {
        second = createHttpServer((_, response) => response.end()).listen(port, '127.0.0.1');
        servers.add(second);
      }
      return line.outcome === 'ok' && samplesOf(all).some(({ outcome }) => outcome === 'refused');
    });
    await remove('dying');
    // What it had accepted when it died is cut off; only then is there nobody who would accept.
    const seen = outcomes(samplesOf(lines)).filter((outcome) => outcome !== 'reset' && outcome !== 'closed');
    assert.deepEqual(seen, ['ok', 'refused']);
  });
});

describe('open loop', { timeout: 60_000 }, () => {
  test('a hanging server holds back no later request', async () => {
    const { url, sockets } = await listening(createServer(() => undefined));
    await post({ name: 'hanging', url, intervalMs: 20, timeoutMs: 1_000 });
    await read('target=hanging', samples(1));
    assert.ok(sockets.size >= 10, `${sockets.size} requests under way at once`);
    await remove('hanging');
  });

  test('samples belong to instants one interval apart, whatever the answers do', async () => {
    let count = 0;
    const { url } = await httpServer((_, response) => {
      setTimeout(() => response.end(), count++ % 2 === 0 ? 0 : 60);
    });
    const seen = await probe('uneven', { url }, 40);
    for (const [index, { seq, dueMonoMs }] of seen.entries()) {
      assert.equal(seq, index);
      assert.ok(Math.abs(dueMonoMs - (seen[0]?.dueMonoMs ?? 0) - index * 20) < 0.01);
    }
  });
});

describe('the stream', { timeout: 60_000 }, () => {
  test('a broken stream resumes without loss or repetition', async () => {
    const { url } = await httpServer((_, response) => response.end());
    const { body } = await post({ name: 'resumed', url, intervalMs: 10 });
    const first = samplesOf(await read('target=resumed', samples(10)));
    await read('target=resumed&from=0', samples(30));
    const from = (first.at(-1)?.seq ?? 0) + 1;
    const second = samplesOf(
      await read(`target=resumed&from=${from}&instance=${body.instance}`, samples(30)),
    );
    await remove('resumed');
    assert.deepEqual(
      [...first, ...second].map(({ seq }) => seq),
      Array.from({ length: 40 }, (_, index) => index),
    );
  });

  test('every stream starts with a hello and ends with an end after the last sample', async () => {
    const { url } = await httpServer((_, response) => response.end());
    await post({ name: 'ended', url, intervalMs: 10 });
    const stopped: Promise<void>[] = [];
    const lines = await read('target=ended', (_, all) => {
      if (stopped.length === 0 && samplesOf(all).length >= 5) stopped.push(remove('ended'));
      return false;
    });
    await Promise.all(stopped);
    const last = lines.at(-1);
    assert.equal(lines[0]?.type, 'hello');
    assert.ok(last?.type === 'end');
    assert.equal(last.reason, 'stopped');
    assert.equal(samplesOf(lines).at(-1)?.seq, last.nextSeq - 1);
  });

  test('a silent target still beats once a second', async () => {
    const { url } = await listening(createServer(() => undefined));
    await post({ name: 'beating', url, intervalMs: 60_000, timeoutMs: 100 });
    const lines = await read('target=beating', (line) => line.type === 'beat');
    await remove('beating');
    assert.equal(lines.at(-1)?.type, 'beat');
  });

  test('a reader of a target that was started anew is told so', async () => {
    const { url } = await httpServer((_, response) => response.end());
    const { body } = await post({ name: 'anew', url });
    await remove('anew');
    await post({ name: 'anew', url });
    const response = await fetch(`${base}/samples?target=anew&from=5&instance=${body.instance}`, { headers });
    assert.equal(response.status, 410);
    assert.equal(((await response.json()) as { code: string }).code, 'probe.another-instance');
    await remove('anew');
  });

  test('a target that nobody reads stops by itself', async () => {
    const { url } = await httpServer((_, response) => response.end());
    await post({ name: 'unread', url, unreadLimitMs: 1_000 });
    let state: ProbeTargetState | undefined;
    do {
      await new Promise((resolve) => setTimeout(resolve, 200));
      const states = (await (await fetch(`${base}/targets`, { headers })).json()) as ProbeTargetState[];
      state = states.find(({ spec }) => spec.name === 'unread');
    } while (state?.running !== false);
    const lines = await read('target=unread', (line) => line.type === 'end');
    const last = lines.at(-1);
    assert.ok(last?.type === 'end' && last.reason === 'unread');
    await remove('unread');
  });
});

describe('the doors', { timeout: 60_000 }, () => {
  test('the same target twice is one target; the same name for another is refused', async () => {
    const { url } = await httpServer((_, response) => response.end());
    const [one, two] = await Promise.all([post({ name: 'twice', url }), post({ name: 'twice', url })]);
    assert.deepEqual([one.status, two.status].sort(), [200, 201]);
    assert.equal(one.body.instance, two.body.instance);
    assert.equal((await post({ name: 'twice', url, intervalMs: 100 })).status, 409);
    await remove('twice');
  });

  test('a bad target is refused with every problem named', async () => {
    const response = await fetch(`${base}/targets`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ name: 'Bad Name', url: 'ftp://x', intervalMs: 1, colour: 'red' }),
    });
    assert.equal(response.status, 400);
    const { message } = (await response.json()) as { message: string };
    for (const word of ['name', 'url', 'intervalMs', 'colour']) assert.match(message, new RegExp(word));
  });

  test('a name that does not resolve is refused at once instead of failing for ever', async () => {
    const { status } = await post({ name: 'nowhere', url: 'http://nowhere.invalid/' });
    assert.equal(status, 502);
  });

  test('the clock is the one of this machine', async () => {
    const before = clock.monoMs();
    const reading = (await (await fetch(`${base}/clock`, { headers })).json()) as {
      bootId: string;
      monoMs: number;
    };
    assert.equal(reading.bootId, clock.bootId);
    assert.ok(reading.monoMs >= before && reading.monoMs <= clock.monoMs());
  });

  test('Prometheus finds requests by target and outcome', async () => {
    const { url } = await httpServer((_, response) => response.end());
    await post({ name: 'counted', url, intervalMs: 10 });
    await read('target=counted', samples(5));
    const text = await (await fetch(`${base}/metrics`)).text();
    await remove('counted');
    const [, count] = /^probe_requests_total\{target="counted",outcome="ok"\} (\d+)$/m.exec(text) ?? [];
    assert.ok(Number(count) >= 5, text);
  });
});
