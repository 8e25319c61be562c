import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeObject } from '../cluster/objects.ts';
import { policy } from '../testing/facts.ts';
import { SimClock } from '../testing/simulation/sim-clock.ts';
import type { CastVote } from '../witness/client.ts';
import type { UrlAnswer } from '../witness/vigil.ts';
import type { Testimony } from './facts.ts';
import { calmPaceMs } from './calm-pace.ts';
import { SecondPort } from './second-port.ts';
import { testimonyOf, Witnesses } from './witnesses.ts';

function node(name: string, zone: string, spec: NodeObject['spec'] = {}): NodeObject {
  return {
    metadata: { name, uid: name, resourceVersion: '1', labels: { 'topology.kubernetes.io/zone': zone } },
    spec,
    status: { addresses: [{ type: 'InternalIP', address: `10.0.0.${name.slice(1)}` }] },
  };
}

const cast = (from: string, says: CastVote['says'] = 'silent'): CastVote => ({ from, says, because: 'so' });
const n1 = node('n1', 'a');
const three = [n1, node('n2', 'b'), node('n3', 'c')];

test('as many witnesses are needed as there are other nodes, two at least and three at most', () => {
  const needed = (nodes: readonly NodeObject[]): number => testimonyOf([], n1, nodes).needed;
  assert.equal(needed([n1, node('n2', 'b')]), 2);
  assert.equal(needed(three), 2);
  assert.equal(needed([...three, node('n4', 'a')]), 3);
  assert.equal(needed([...three, node('n4', 'a'), node('n5', 'b')]), 3);
});

test('nodes that take no pods can carry no witness', () => {
  const tainted = node('n4', 'a', { taints: [{ key: 'k', effect: 'NoSchedule' }] });
  assert.equal(testimonyOf([], n1, [...three, tainted, node('n5', 'a', { unschedulable: true })]).needed, 2);
  const preferring = node('n4', 'a', { taints: [{ key: 'k', effect: 'PreferNoSchedule' }] });
  assert.equal(testimonyOf([], n1, [...three, preferring]).needed, 3);
});

test('two votes from one node are one', () => {
  assert.equal(testimonyOf([cast('n2'), cast('n2')], n1, three).silent, 1);
  assert.equal(testimonyOf([cast('n2'), cast('n3')], n1, three).silent, 2);
});

test('whoever has no vote is told of, and not counted', () => {
  const { silent, doubt, alive } = testimonyOf([cast('n2'), cast('n3', 'unknown')], n1, three);
  assert.deepEqual([silent, doubt, alive], [1, 'n3: so', false]);
  assert.equal(testimonyOf([cast('n2'), cast('n3', 'alive')], n1, three).alive, true);
});

test('one of the silent votes has to come from another zone, where there is one', () => {
  const nodes = [n1, node('n2', 'a'), node('n3', 'a'), node('n4', 'b')];
  assert.equal(testimonyOf([cast('n2'), cast('n3'), cast('n4', 'unknown')], n1, nodes).elsewhere, false);
  assert.equal(testimonyOf([cast('n2'), cast('n4')], n1, nodes).elsewhere, true);
  assert.equal(testimonyOf([cast('n2'), cast('n3')], n1, nodes.slice(0, 3)).elsewhere, true);
});

test('witnesses are asked about one node once at a time, and about no more nodes than may be treated', async () => {
  const clock = new SimClock();
  const { signal } = new AbortController();
  const said: Testimony = { alive: false, silent: 2, needed: 2, elsewhere: true };
  const asked: string[] = [];
  const woken: string[] = [];
  const witnesses = new Witnesses({
    ...{ clock, signal, atOnce: 2 },
    look: async (name) => {
      asked.push(name);
      await clock.sleep(5600);
      if (name === 'n2') throw new Error('no pods listed');
      return said;
    },
    onAnswer: (name) => void woken.push(name),
  });
  for (const name of ['n1', 'n1', 'n2', 'n3']) witnesses.ask(name);
  assert.deepEqual(asked, ['n1', 'n2']);
  await clock.runUntil(6000);
  assert.deepEqual(witnesses.view('n1'), { ...said, ageMs: 400, askedAgoMs: 6000 });
  assert.equal(witnesses.view('n2'), undefined);
  assert.deepEqual(woken, ['n1', 'n2']);
  witnesses.ask('n1');
  assert.equal(asked.length, 2);
  await clock.runUntil(6100);
  witnesses.ask('n1');
  assert.deepEqual(asked, ['n1', 'n2', 'n1']);
});

test('a second port is a witness once it has answered, until it has missed two questions a minute apart', async () => {
  const clock = new SimClock();
  let is: UrlAnswer = 'refused';
  const asked: string[] = [];
  const second = new SecondPort({
    ...{ port: 10_256, clock },
    ask: (url) => {
      asked.push(url);
      return Promise.resolve(is);
    },
  });
  const after = async (seconds: number): Promise<string | undefined> => {
    await clock.runUntil(seconds * 1000);
    second.see([n1]);
    await clock.runUntil(seconds * 1000 + 1);
    return second.url(n1);
  };
  assert.equal(await after(0), undefined);
  is = 'answered';
  assert.equal(await after(59), undefined);
  assert.equal(await after(60), 'http://10.0.0.1:10256/healthz');
  is = 'silent';
  assert.equal(await after(120), 'http://10.0.0.1:10256/healthz');
  assert.equal(await after(180), undefined);
  assert.equal(asked.length, 4);
  second.see([]);
  second.see([n1]);
  assert.equal(asked.length, 5, 'a node that is gone is forgotten');
});

test('the fewer nodes, the more often a healthy kubelet is asked, and never more than a hundred in all a second', () => {
  assert.deepEqual(
    [1, 25, 50, 500, 1000].map((nodes) => calmPaceMs(nodes, policy)),
    [250, 250, 500, 5000, 5000],
  );
});

test('where no witness can be asked they are not asked again at once, although the answer wakes who asked', async () => {
  const clock = new SimClock();
  let asked = 0;
  const witnesses = new Witnesses({
    ...{ clock, signal: new AbortController().signal, atOnce: 2 },
    look: () => {
      asked++;
      return Promise.resolve(undefined);
    },
    onAnswer: (name) => {
      if (asked < 100) witnesses.ask(name);
    },
  });
  witnesses.ask('n1');
  await clock.runUntil(1000);
  assert.equal(asked, 1);
});
