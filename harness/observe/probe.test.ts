import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { connect as connectTcp, createServer, type AddressInfo, type Socket } from 'node:net';
import { after, describe, it } from 'node:test';
import { startProbeAgent } from '../../infra/agents/probe/agent.ts';
import { machineClock } from '../../infra/agents/http/machine-clock.ts';
import { probeTraces } from '../core/recovery/probe-traces.ts';
import type { Connect } from '../../infra/http/http.ts';
import { observeProbe } from './probe.ts';
import { record } from './testing/recording.ts';

const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
const token = 'for-tests';
const agent = await startProbeAgent({ host: '127.0.0.1', port: 0, token, clock: machineClock() });
let healthy = true;
const service = createHttpServer((_request, response) => response.writeHead(healthy ? 200 : 503).end());
service.listen(0, '127.0.0.1');
await once(service, 'listening');
const url = `http://127.0.0.1:${portOf(service)}/`;
after(async () => {
  service.close();
  await agent.close();
});

function portOf(server: Pick<Server, 'address'>): number {
  return (server.address() as AddressInfo).port;
}

function through(port: number, sockets = new Set<Socket>()): Connect {
  return async () => {
    const socket = connectTcp(port, '127.0.0.1');
    sockets.add(socket);
    await once(socket, 'connect');
    return socket;
  };
}

describe('the probe observer, on a real agent', () => {
  it('journals every request, good and bad, without a gap', async () => {
    const journal = record();
    const observer = await observeProbe({
      connect: through(agent.port),
      token,
      target: { name: 'whole', url },
      bootId,
    })(journal.append, new AbortController().signal);
    await journal.until(() => journal.of('probe.sample').length >= 10);
    healthy = false;
    await journal.until(() =>
      journal.of('probe.sample').some((sample) => !sample.ok && sample.status === 503),
    );
    healthy = true;
    await observer.stop();
    const [trace] = probeTraces(journal.entries);
    assert.ok(trace);
    assert.deepEqual(trace.gaps, []);
    assert.deepEqual(
      journal.of('probe.clock').map((clock) => [clock.sameBoot, clock.offsetMs, clock.errorMs]),
      [[true, 0, 0]],
    );
    const bad = journal.of('probe.sample').find((sample) => !sample.ok);
    assert.match(bad?.error ?? '', /^status/);
    assert.equal(journal.of('observer').at(-1)?.state, 'stopped');
  });

  it('goes on where a broken stream stopped, and loses nothing', async () => {
    const journal = record();
    const sockets = new Set<Socket>();
    const observer = await observeProbe({
      connect: through(agent.port, sockets),
      token,
      target: { name: 'broken', url },
      bootId,
    })(journal.append, new AbortController().signal);
    for (const wanted of [5, 15, 25]) {
      await journal.until(() => journal.of('probe.sample').length >= wanted);
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    }
    await journal.until(() => journal.of('probe.sample').length >= 40);
    await observer.stop();
    assert.deepEqual(probeTraces(journal.entries)[0]?.gaps, []);
    assert.ok(journal.of('note').length >= 3, 'each break is told');
  });

  it('says so when the agent was started anew, and numbers go on behind the gap', async () => {
    const journal = record();
    const sockets = new Set<Socket>();
    let current = await startProbeAgent({ host: '127.0.0.1', port: 0, token, clock: machineClock() });
    const connect: Connect = () => through(current.port, sockets)();
    const observer = await observeProbe({ connect, token, target: { name: 'anew', url }, bootId })(
      journal.append,
      new AbortController().signal,
    );
    await journal.until(() => journal.of('probe.sample').length >= 5);
    const old = current;
    current = await startProbeAgent({ host: '127.0.0.1', port: 0, token, clock: machineClock() });
    for (const socket of sockets) socket.destroy();
    await old.close();
    const before = journal.of('probe.sample').length;
    await journal.until(
      () => journal.of('probe.gap').length > 0 && journal.of('probe.sample').length > before + 5,
    );
    await observer.stop();
    await current.close();
    const [trace] = probeTraces(journal.entries);
    assert.equal(trace?.gaps.length, 1);
    assert.match(trace.gaps[0]?.reason ?? '', /started anew/);
    const numbers = journal.of('probe.sample').map((sample) => sample.probeSeq);
    assert.equal(new Set(numbers).size, numbers.length);
  });

  it('gives up a stream that is silent', async () => {
    const journal = record();
    const frozen = new Set<Socket>();
    const relay = createServer((client) => {
      const upstream = connectTcp(agent.port, '127.0.0.1');
      client.pipe(upstream);
      upstream.pipe(client);
      for (const socket of [client, upstream]) socket.on('error', () => socket.destroy());
      frozen.add(upstream);
    });
    relay.listen(0, '127.0.0.1');
    await once(relay, 'listening');
    const observer = await observeProbe({
      connect: through(portOf(relay)),
      token,
      target: { name: 'silent', url },
      bootId,
    })(journal.append, new AbortController().signal);
    await journal.until(() => journal.of('probe.sample').length >= 5);
    for (const socket of frozen) socket.pause().unpipe();
    await journal.until(
      () => journal.of('note').some((note) => /nothing for 3000 ms/.test(note.text)),
      6_000,
    );
    const before = journal.of('probe.sample').length;
    await journal.until(() => journal.of('probe.sample').length > before + 40);
    await observer.stop();
    relay.close();
    assert.deepEqual(probeTraces(journal.entries)[0]?.gaps, []);
  });

  it('ends with the trial', async () => {
    const journal = record();
    const trial = new AbortController();
    const observer = await observeProbe({
      connect: through(agent.port),
      token,
      target: { name: 'aborted', url },
      bootId,
    })(journal.append, trial.signal);
    await journal.until(() => journal.of('probe.sample').length >= 3);
    trial.abort(new Error('Ctrl-C'));
    await observer.stop();
    const count = journal.of('probe.sample').length;
    assert.ok(count >= 3);
  });

  it('refuses to begin when the agent is not there', async () => {
    const nobody = observeProbe({ connect: through(1), token, target: { name: 'nobody', url }, bootId });
    await assert.rejects(nobody(record().append, new AbortController().signal), /ECONNREFUSED/);
  });
});
