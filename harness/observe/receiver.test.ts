import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { machineClock } from '../../infra/agents/http/machine-clock.ts';
import { startReceiver } from '../../infra/agents/receiver/agent.ts';
import type { Connect } from '../../infra/http/http.ts';
import { observeReceiver } from './receiver.ts';
import { record } from './testing/recording.ts';

const sockets = new Set<Socket>();
const token = 'for-tests';
const headers = { authorization: `Bearer ${token}` };
let receiver = await startReceiver({ host: '127.0.0.1', port: 0, token, clock: machineClock() });
const connect: Connect = async () => {
  const socket = connectTcp(receiver.port, '127.0.0.1');
  sockets.add(socket);
  await once(socket, 'connect');
  return socket;
};

async function notify(status: 'firing' | 'resolved', startsAt: string): Promise<void> {
  const alert = {
    status,
    labels: { alertname: 'NodeSilent', node: 'node-2' },
    annotations: {},
    startsAt,
    endsAt: '0001-01-01T00:00:00Z',
    fingerprint: 'abc',
  };
  const body = JSON.stringify({ status, receiver: 'r', groupLabels: {}, alerts: [alert] });
  const answer = await fetch(`http://127.0.0.1:${receiver.port}/webhook`, { method: 'POST', headers, body });
  assert.equal(answer.status, 200);
}

async function slack(message: object): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${receiver.port}/slack`, {
    method: 'POST',
    headers,
    body: JSON.stringify(message),
  });
  assert.equal(await answer.text(), 'ok');
}

describe('the receiver observer, on a real receiver', () => {
  it('tells each delivery once, resumes after a break, and knows when the receiver forgot', async () => {
    await notify('firing', '2026-11-22T09:00:00Z');
    await new Promise((resolve) => setTimeout(resolve, 5));
    const journal = record();
    const observer = await observeReceiver({ connect, token })(journal.append, new AbortController().signal);
    await notify('firing', '2026-11-22T10:00:00Z');
    await notify('firing', '2026-11-22T10:00:00Z');
    await notify('resolved', '2026-11-22T10:00:00Z');
    await journal.until(() => journal.of('alert').length === 2);
    await slack({ attachments: [{ text: 'what the webhook has told' }] });
    await slack({ text: '*kubernetes* critical `a1`\nnode-2 is lost' });
    await journal.until(() => journal.of('note').length === 1);
    assert.equal(
      journal.of('note')[0]?.text,
      'delivered to Slack: *kubernetes* critical `a1`\nnode-2 is lost',
    );
    for (const socket of sockets) socket.destroy();
    await notify('firing', '2026-11-22T10:05:00Z');
    await journal.until(() => journal.of('alert').length === 3);

    const old = receiver;
    receiver = await startReceiver({ host: '127.0.0.1', port: 0, token, clock: machineClock() });
    for (const socket of sockets) socket.destroy();
    await old.close();
    await journal.until(() => journal.of('observer').some((entry) => entry.state === 'gap'));
    await notify('resolved', '2026-11-22T10:05:00Z');
    await journal.until(() => journal.of('alert').length === 4);
    await observer.stop();
    await receiver.close();
    assert.deepEqual(
      journal.of('alert').map(({ name, state, source }) => `${name} ${state} ${source}`),
      ['firing', 'resolved', 'firing', 'resolved'].map((state) => `NodeSilent ${state} receiver`),
    );
    assert.match(journal.of('observer').find((entry) => entry.state === 'gap')?.reason ?? '', /started anew/);
  });
});
