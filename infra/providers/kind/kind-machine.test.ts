import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KindMachine } from './kind-machine.ts';
import { FakeEngine } from '../../engine/testing/fake-engine.ts';

const NAME = 'fd-drill-worker';

/** What the engine is told to do when a machine loses its power while its cable is out. */
async function orders(name: 'docker' | 'podman'): Promise<readonly string[]> {
  const engine = new FakeEngine(
    { [NAME]: { status: 'running', network: 'kind', address: '172.18.0.3' } },
    name,
  );
  const tools = { engine: engine.client, log: () => {} };
  const machine = new KindMachine({ name: NAME, zone: 'zone-1', role: 'worker' }, tools);
  await machine.cableOut();
  const before = engine.calls.length;
  await machine.powerOff();
  return engine.calls.slice(before).filter((call) => !call.startsWith('container inspect'));
}

test('a machine that loses its power has its cable put in; with Podman when that has taken the network away', async () => {
  const plug = [`network connect --ip 172.18.0.3 kind ${NAME}`, `network connect kind ${NAME}`];
  assert.deepEqual(await orders('docker'), [`kill ${NAME}`, ...plug]);
  assert.deepEqual(await orders('podman'), [`kill ${NAME}`, `container cleanup ${NAME}`, ...plug]);
});
