import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KubeClient } from '../../infra/kube/client.ts';
import { clusterApi, CLUSTER_READS } from '../cluster/cluster-api.ts';
import { SimClock } from '../testing/simulation/sim-clock.ts';
import { Gate, gated, MOST_DEEDS } from './gate.ts';

const never = new AbortController().signal;

function gateWith(state: { leading?: boolean; paused?: string }) {
  const clock = new SimClock();
  const gate = new Gate({ clock, stillLeading: () => state.leading ?? true, paused: () => state.paused });
  return { clock, gate };
}

test('a pause refuses every call at the API server that is not named as a read', async () => {
  const kube = new KubeClient({ server: 'https://127.0.0.1:1' });
  const api = clusterApi(kube, 'firedrill-system');
  const deeds = Object.keys(api).filter((name) => !CLUSTER_READS.some((read) => read === name));
  const calls = { ...gated(api, gateWith({ paused: 'not now' }).gate, CLUSTER_READS) };
  assert.ok(deeds.length >= 5, deeds.join(', '));
  assert.ok(
    CLUSTER_READS.every((name) => /^(read|list)/.test(name)),
    CLUSTER_READS.join(', '),
  );
  for (const name of deeds) {
    const deed: unknown = Reflect.get(calls, name);
    await assert.rejects(
      (deed as (signal: AbortSignal) => Promise<unknown>)(never),
      { code: 'healer.paused', message: 'not now' },
      name,
    );
  }
  kube.close();
});

test('reads go through whoever leads and whatever is paused, and keep their object', async () => {
  class Machines {
    readonly #on = 'on';
    states = (): string => this.#on;
    power(): string {
      return this.#on;
    }
  }
  const { gate } = gateWith({ leading: false, paused: 'not now' });
  assert.equal(gated(new Machines(), gate, ['states', 'power']).power(), 'on');
  const { gate: open } = gateWith({});
  assert.equal(
    await gated(
      { deed: async (signal: AbortSignal) => await Promise.resolve(signal.aborted) },
      open,
      [],
    ).deed(never),
    false,
  );
});

test('who no longer leads does nothing more', async () => {
  const deed = (): Promise<never> => assert.fail('it was done');
  await assert.rejects(gateWith({ leading: false }).gate.perform(deed, never), {
    code: 'healer.not-leading',
  });
});

test('a hundred deeds may be done at once, and fifty a second from then on', async () => {
  const { clock, gate } = gateWith({});
  const doneAtMs: number[] = [];
  const deed = (): Promise<void> => Promise.resolve(void doneAtMs.push(clock.now().monoMs));
  for (let count = 0; count < 300; count++) void gate.perform(deed, never);
  const doneWithin = async (seconds: number): Promise<number> => {
    await clock.runUntil(seconds * 1000);
    return doneAtMs.length;
  };
  assert.equal(await doneWithin(0), MOST_DEEDS.atOnce);
  assert.equal(await doneWithin(1), 150);
  assert.equal(await doneWithin(4), 300);
  // What was not taken for two seconds is there again, and no more than a hundred ever is.
  await clock.runUntil(60_000);
  for (let count = 0; count < 300; count++) void gate.perform(deed, never);
  assert.equal(await doneWithin(60), 400);
});

test('who has waited for a turn is asked for after it', async () => {
  const state: { paused?: string } = {};
  const { clock, gate } = gateWith(state);
  let done = 0;
  const turns = Array.from({ length: MOST_DEEDS.atOnce + 1 }, () =>
    gate.perform(() => Promise.resolve(done++), never),
  );
  const last = assert.rejects(turns.at(-1) ?? Promise.resolve(), { code: 'healer.paused' });
  await clock.runUntil(0);
  state.paused = 'a person says so';
  await clock.runUntil(1000);
  await last;
  assert.equal(done, MOST_DEEDS.atOnce);
});

test('whose work has ended waits for no turn', async () => {
  const { clock, gate } = gateWith({});
  const ending = new AbortController();
  const deed = (): Promise<void> => Promise.resolve();
  for (let count = 0; count < MOST_DEEDS.atOnce; count++) void gate.perform(deed, ending.signal);
  const waiting = assert.rejects(gate.perform(deed, ending.signal), /it ends/);
  await clock.runUntil(0);
  ending.abort(new Error('it ends'));
  await waiting;
});
