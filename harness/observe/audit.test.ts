import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { observeApiAudit, observeMachineCalls, readAuditEvent } from './audit.ts';
import { PacedClock } from './testing/paced-clock.ts';
import { record } from './testing/recording.ts';
import { SteppedClock } from './testing/stepped-clock.ts';

const evict = {
  stage: 'ResponseComplete',
  verb: 'create',
  user: { username: 'system:serviceaccount:firedrill-system:firedrill-healer' },
  objectRef: { resource: 'pods', subresource: 'eviction', namespace: 'storefront', name: 'web-1' },
  responseStatus: { code: 201 },
  requestReceivedTimestamp: '2026-11-22T10:30:00.101000Z',
  stageTimestamp: '2026-11-22T10:30:00.123456Z',
};

describe('an event of the API audit', () => {
  it('that writes to nodes or pods is an entry', () => {
    assert.deepEqual(readAuditEvent(evict), {
      kind: 'api.audit',
      user: 'system:serviceaccount:firedrill-system:firedrill-healer',
      verb: 'create',
      resource: 'pods/eviction',
      namespace: 'storefront',
      name: 'web-1',
      code: 201,
      stageWallMs: Date.parse('2026-11-22T10:30:00.123Z'),
      receivedWallMs: Date.parse('2026-11-22T10:30:00.101Z'),
    });
  });

  it('of one user is an entry whatever it writes to, and of nobody else', () => {
    const ledger = { ...evict, verb: 'update', objectRef: { resource: 'configmaps', name: 'ledger' } };
    assert.equal(readAuditEvent(ledger), undefined);
    assert.equal(readAuditEvent(ledger, evict.user.username)?.resource, 'configmaps');
    assert.equal(readAuditEvent({ ...ledger, verb: 'get' }, evict.user.username), undefined);
  });

  const ignored: [string, object][] = [
    ['a read', { ...evict, verb: 'get' }],
    ['a request that is not complete', { ...evict, stage: 'RequestReceived' }],
    ['a lease', { ...evict, objectRef: { resource: 'leases', name: 'x' } }],
    ['a status', { ...evict, objectRef: { resource: 'pods', subresource: 'status', name: 'x' } }],
    ["a kubelet's housekeeping", { ...evict, user: { username: 'system:node:node-1' } }],
    ['nothing at all', {}],
  ];
  for (const [name, event] of ignored) {
    it(`is none when it is ${name}`, () => assert.equal(readAuditEvent(event), undefined));
  }
});

async function* oneThen(event: unknown, then: 'end' | 'throw', signal: AbortSignal): AsyncGenerator<never> {
  yield event as never;
  if (then === 'throw') throw new Error('the supervisor is gone');
  await delay(20, undefined, { signal });
}

describe('a stream of events', () => {
  for (const then of ['end', 'throw'] as const) {
    it(`that ${then}s is a gap, and is opened again`, async () => {
      const journal = record();
      let opened = 0;
      const events = (signal: AbortSignal): AsyncIterable<Record<string, unknown>> => {
        opened++;
        return oneThen(evict, then, signal);
      };
      const observer = await observeApiAudit({ events })(journal.append, new AbortController().signal);
      await journal.until(() => opened >= 2 && journal.of('api.audit').length >= 2);
      await observer.stop();
      const gap = journal.of('observer').find((entry) => entry.state === 'gap');
      assert.match(gap?.reason ?? '', then === 'end' ? /the stream ended/ : /the supervisor is gone/);
    });
  }

  it('that stands for a while after a gap is taken for open, though it tells nothing', async () => {
    const journal = record();
    const clock = new SteppedClock();
    let opened = 0;
    const events = async function* (signal: AbortSignal): AsyncGenerator<never> {
      if (++opened === 1) throw new Error('the supervisor is gone');
      await delay(60_000, undefined, { signal });
      yield* [];
    };
    const observer = await observeApiAudit({ events, clock })(journal.append, new AbortController().signal);
    const gaps = () => journal.of('observer').filter(({ state }) => state === 'gap');
    await clock.step();
    assert.deepEqual(
      gaps().map(({ toMonoMs }) => toMonoMs),
      [undefined],
    );
    void clock.step();
    await journal.until(() => gaps().length > 1);
    assert.deepEqual(
      gaps().map(({ toMonoMs }) => toMonoMs),
      [undefined, 1_000],
    );
    await observer.stop();
  });

  it('of machine calls tells those that change a machine', async () => {
    const journal = record();
    const calls = [
      { call: 'states', node: '', caller: 'healer', result: 'ok', wallMs: 1 },
      { call: 'powerOff', node: 'node-2', caller: 'healer', result: 'off', wallMs: 2 },
    ] as const;
    const events = async function* (signal: AbortSignal): AsyncGenerator<(typeof calls)[number]> {
      yield* calls;
      await delay(60_000, undefined, { signal });
    };
    const observer = await observeMachineCalls({ events })(journal.append, new AbortController().signal);
    await journal.until(() => journal.of('machine').length > 0);
    await observer.stop();
    assert.deepEqual(
      journal.of('machine').map(({ call, node, callWallMs }) => [call, node, callWallMs]),
      [['powerOff', 'node-2', 2]],
    );
    assert.deepEqual(
      journal.of('observer').map(({ state }) => state),
      ['started', 'stopped'],
    );
  });
});

test('a stream that was lost is seen again with its first event', async () => {
  const clock = new PacedClock();
  const journal = record();
  let streams = 0;
  const observer = await observeMachineCalls({
    clock,
    async *events(signal) {
      if (streams++ === 0) throw new Error('reset');
      yield { call: 'powerOff', node: 'n', caller: 'healer', result: 'off', wallMs: 1 };
      await once(signal, 'abort');
    },
  })(journal.append, new AbortController().signal);
  await clock.settled(1);
  await clock.pass(500, 1);
  await journal.until((entries) => entries.some(({ kind }) => kind === 'machine'));
  assert.deepEqual(
    journal.of('observer').map(({ state, fromMonoMs, toMonoMs }) => [state, fromMonoMs, toMonoMs]),
    [
      ['started', undefined, undefined],
      ['gap', 10_000, undefined],
      ['gap', 10_000, 10_500],
    ],
  );
  await observer.stop();
});
