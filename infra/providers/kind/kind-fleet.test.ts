import assert from 'node:assert/strict';
import { join } from 'node:path';
import { beforeEach, describe, it } from 'node:test';
import { given } from '../../../harness/core/given.ts';
import { KindFleet } from './kind-fleet.ts';
import { plannedNodes, type KindPlan } from './kind-plan.ts';
import { FakeEngine } from '../../engine/testing/fake-engine.ts';

const SPEC: KindPlan['spec'] = {
  name: 'drill',
  workers: 2,
  zones: 2,
  infraNodes: 1,
  machineProfile: 'bmc',
  environment: 'test',
};
const WORKER = 'fd-drill-worker';
const INFRA = 'fd-drill-worker3';

describe('the machines of a kind cluster', () => {
  let engine: FakeEngine;
  let fleet: KindFleet;
  let logged: string[];

  const newFleet = (cannotReplace?: string): KindFleet =>
    new KindFleet({
      plan: {
        spec: SPEC,
        engine: { name: 'docker', version: '28' },
        kindPath: '/bin/false',
        configuration: '',
        images: [],
        infraImages: [],
        software: [],
        seed: 1,
        ...given({ cannotReplace }),
      },
      engine: engine.client,
      imageDirectory: join(engine.directory, 'images'),
      log: (text) => logged.push(text),
      signal: new AbortController().signal,
    });

  beforeEach(async () => {
    engine = new FakeEngine(
      Object.fromEntries(
        plannedNodes(SPEC).map(({ name }, index) => [
          name,
          { status: 'running', network: 'kind', address: `172.18.0.${index + 2}` },
        ]),
      ),
    );
    logged = [];
    fleet = newFleet();
    await fleet.look();
    await fleet.readKubeadm();
  });

  const verbs = [
    ['power-off', 'power-on', ({ processes }: Seen) => processes === 0],
    ['freeze', 'thaw', ({ frozen }: Seen) => frozen],
    ['cable-out', 'cable-in', ({ cable }: Seen) => cable === 'out'],
  ] as const;
  type Seen = Awaited<ReturnType<KindFleet['inspect']>>;
  for (const [act, undo, isSeen] of verbs) {
    it(`${act} is seen, ${undo} takes it back, and both may be repeated`, async () => {
      assert.equal(isSeen(await fleet.inspect(WORKER)), false);
      assert.equal(isSeen(await fleet.act(WORKER, act)), true);
      assert.equal(isSeen(await fleet.act(WORKER, act)), true);
      assert.equal(isSeen(await fleet.act(WORKER, undo)), false);
      assert.equal(isSeen(await fleet.act(WORKER, undo)), false);
      assert.equal((await fleet.inspect(WORKER)).fenced, false);
    });
  }

  it('that is switched off while its cable is out has it in when it comes back', async () => {
    await fleet.act(WORKER, 'cable-out');
    await fleet.act(WORKER, 'power-off');
    assert.equal((await fleet.act(WORKER, 'power-on')).cable, 'in');
  });

  it('that was fenced stays so until somebody switches it on, and says off', async () => {
    const door = fleet.doorBackend;
    assert.equal((await door.powerOff(WORKER, 'f1')).state, 'off');
    assert.equal((await fleet.inspect(WORKER)).fenced, true);
    const told = door.states().map(({ node, state }) => [node, state]);
    assert.deepEqual(told, [
      [WORKER, 'off'],
      ['fd-drill-worker2', 'on'],
      [INFRA, 'on'],
    ]);
    assert.equal((await fleet.act(WORKER, 'power-on')).fenced, false);
  });

  it('that was fenced comes back by its own attempt, and not by the one before it', async () => {
    const door = fleet.doorBackend;
    await door.powerOff(WORKER, 'f1');
    await door.powerOff(WORKER, 'f2');
    await assert.rejects(door.powerOn(WORKER, 'f1'), { code: 'machine.fenced' });
    assert.equal((await door.powerOn(WORKER, 'f2')).state, 'on');
    assert.equal((await door.powerOn(WORKER, 'f2')).state, 'on');
  });

  it('that was killed by somebody else is off at the next look, and the control plane is no business of the door', async () => {
    const all = engine.containers;
    all[WORKER]!.status = 'exited';
    engine.containers = all;
    await fleet.look();
    assert.equal(fleet.doorBackend.states().find(({ node }) => node === WORKER)?.state, 'off');
    await assert.rejects(fleet.doorBackend.powerOff('fd-drill-control-plane', 'f1'), {
      code: 'machine.control-plane',
    });
    await assert.rejects(fleet.doorBackend.powerOff('nobody', 'f1'), { code: 'node.unknown' });
  });

  it('are unknown while their engine does not answer, and whoever acts on one is told why', async () => {
    engine.answers = false;
    await fleet.look();
    assert.ok(fleet.doorBackend.states().every(({ state }) => state === 'unknown'));
    assert.ok(fleet.nodes().every(({ power }) => power === 'unknown'));
    await assert.rejects(fleet.act(WORKER, 'freeze'), { code: 'engine.silent', hint: /start/ });
    engine.answers = true;
    await fleet.look();
    assert.ok(fleet.doorBackend.states().every(({ state }) => state === 'on'));
    assert.equal(logged.length, 2, logged.join('; '));
  });

  it('are replaced once for an attempt, by one with a new name, and the old one is gone for good', async () => {
    await fleet.doorBackend.powerOff(WORKER, 'f1');
    const [first, again] = await Promise.all([
      fleet.doorBackend.replace(WORKER, 'a1'),
      fleet.doorBackend.replace(WORKER, 'a1'),
    ]);
    assert.deepEqual(first, { node: WORKER, replacement: 'fd-drill-worker4' });
    assert.deepEqual(again, first);
    assert.deepEqual(Object.keys(engine.containers).sort(), [
      'fd-drill-control-plane',
      'fd-drill-worker2',
      INFRA,
      'fd-drill-worker4',
    ]);
    assert.equal((await fleet.inspect(WORKER)).exists, false);
    await assert.rejects(fleet.act(WORKER, 'power-on'), { code: 'node.unknown' });
    assert.equal(fleet.nodes().find(({ name }) => name === 'fd-drill-worker4')?.zone, 'zone-1');
    assert.ok(engine.calls.some((call) => /^exec fd-drill-worker4 kubeadm join/.test(call)));
    assert.equal(await fleet.replace('fd-drill-worker4'), 'fd-drill-worker5');
  });

  it('of the infra role weigh eight times a worker, also when they are replaced', async () => {
    await fleet.favourInfra();
    const replacement = await fleet.replace(INFRA);
    assert.deepEqual(
      engine.calls.filter((call) => call.startsWith('update ')),
      [INFRA, replacement].map((name) => `update --cpu-shares 8192 ${name}`),
    );
  });

  it('where none can be had anew are restarted clean for a healer, which is said, and refused to all others', async () => {
    const old = newFleet('this engine cannot');
    await old.look();
    await old.readKubeadm();
    await old.doorBackend.powerOff(WORKER, 'f1');
    assert.deepEqual(await old.doorBackend.replace(WORKER, 'a1'), { node: WORKER, replacement: WORKER });
    assert.ok(logged.some((line) => /restarted clean instead of replaced: this engine cannot/.test(line)));
    const order = engine.calls.filter((call) => /kubeadm (reset|join)|delete node/.test(call));
    assert.deepEqual(
      order.map((call) => /reset|delete node|join/.exec(call)?.[0]),
      ['reset', 'delete node', 'join'],
    );
    await assert.rejects(old.replace(WORKER), { code: 'kind.not-possible' });
  });
});
