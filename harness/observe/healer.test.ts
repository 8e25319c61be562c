import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { AuditFile } from '../../healers/runtime/audit-file.ts';
import { healerServer, listen } from '../../healers/runtime/http-server.ts';
import { systemClock } from '../core/clock.ts';
import { observeHealer, type HealerPod } from './healer.ts';
import { record } from './testing/recording.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';

const TOKEN = 'of the audit';

const directory = temporaryDirectory('healer');
const sockets = new Set<Socket>();

/** The healer's own audit and server, without the rest of it. */
class Replica {
  readonly audit: AuditFile;
  readonly #server: Server;
  #port = 0;

  constructor(name: string) {
    this.audit = new AuditFile({
      path: join(directory, `${name}.jsonl`),
      clock: systemClock,
      pod: name,
      bootId: 'b',
    });
    this.#server = healerServer({
      audit: this.audit,
      metrics: () => Promise.resolve({ contentType: 'text/plain', text: '' }),
      live: () => undefined,
      ready: () => undefined,
      started: () => undefined,
      view: () => Promise.resolve(),
      token: TOKEN,
    });
  }

  async listen(): Promise<void> {
    this.#port = await listen(this.#server, 0, '127.0.0.1');
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  pod(name: string): HealerPod {
    return {
      name,
      uid: name,
      connect: async () => {
        const socket = connectTcp(this.#port, '127.0.0.1');
        sockets.add(socket);
        await once(socket, 'connect');
        return socket;
      },
    };
  }
}

let one: Replica;
let two: Replica;
before(async () => {
  one = new Replica('healer-1');
  two = new Replica('healer-2');
  await one.listen();
  await two.listen();
});
after(async () => {
  await two.close();
});

describe('the healer observer, on the real audit', () => {
  it('follows every replica, resumes after a break, and finds one that comes later', async () => {
    one.audit.record({ event: 'acted', subject: 'node/old', detail: 'of an earlier trial' });
    one.audit.record({ event: 'leader', subject: 'healer', detail: 'healer-1 leads' });
    await new Promise((resolve) => setTimeout(resolve, 5));
    const journal = record();
    const pods = [one.pod('healer-1')];
    const observer = await observeHealer({
      token: () => Promise.resolve(TOKEN),
      pods: () => Promise.resolve(pods),
    })(journal.append, new AbortController().signal);
    one.audit.record({ event: 'detected', subject: 'node/node-2', detail: 'silent' });
    await journal.until(() => journal.of('healer').length === 2);
    for (const socket of sockets) socket.destroy();
    const cordon = { action: 'Cordon', result: 'cordoned', phase: 'fencing', attempt: 'node-2.1' };
    one.audit.record({
      event: 'acted',
      subject: 'node/node-2',
      detail: 'cordoned',
      wouldDo: true,
      ...cordon,
    });
    await journal.until(() => journal.of('healer').length === 3);
    pods.push(two.pod('healer-2'));
    two.audit.record({ event: 'recovered', subject: 'node/node-2', detail: 'replaced' });
    await journal.until(() => journal.of('healer').length === 4);
    await observer.stop();
    assert.deepEqual(
      journal.of('healer').map(({ event, pod, wouldDo }) => [event, pod, wouldDo]),
      [
        ['leader', 'healer-1', undefined],
        ['detected', 'healer-1', undefined],
        ['acted', 'healer-1', true],
        ['recovered', 'healer-2', undefined],
      ],
    );
    assert.deepEqual(
      journal.of('observer').map(({ state }) => state),
      ['started', 'stopped'],
    );
    const [, detected, acted] = journal.of('healer');
    assert.deepEqual(acted, { ...acted, ...cordon });
    assert.ok(Math.abs((detected?.healerMonoMs ?? 0) - (detected?.monoMs ?? 0)) < 1_000);
  });

  it('says that a lost replica may have acted unseen', async () => {
    const journal = record();
    const observer = await observeHealer({
      token: () => Promise.resolve(TOKEN),
      pods: () => Promise.resolve([one.pod('healer-1')]),
    })(journal.append, new AbortController().signal);
    await journal.until(() => journal.of('healer').length > 0);
    await one.close();
    await journal.until(() => journal.of('note').length > 0);
    await observer.stop();
    const gap = journal.of('observer').find((entry) => entry.state === 'gap');
    assert.match(gap?.reason ?? '', /healer-1: it did not answer any more/);
  });
});
