import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ATTEMPT, deadNode, healthyNode, policy, treated } from '../testing/facts.ts';
import { given } from '../testing/given.ts';
import { NodeBench } from '../testing/node-bench.ts';
import type { NodeFacts, ZoneView } from './facts.ts';
import { doubtOfZone, isLostWithZone, viewZone } from './zone.ts';

const on = { state: 'on', ageMs: 300 } as const;
const off = { state: 'off', ageMs: 300 } as const;
const frozen: NodeFacts = {
  ...deadNode,
  machine: on,
  leaseAgeMs: 12_001,
  kubelet: { ...deadNode.kubelet, silentForMs: 900 },
};
const lost: NodeFacts = { ...deadNode, name: 'node-2' };
const heard = { failuresInRow: 0, answeredAgoMs: 100, answeringForMs: 12_001 } as const;
const marked = { foreignMarker: { rule: 'opt-out', detail: 'label' } };
const loss = treated('replaced', { zoneLoss: ATTEMPT });

const VIEWS: readonly (readonly [
  claim: string,
  about: NodeFacts,
  others: readonly Partial<NodeFacts>[],
  view: Partial<ZoneView> | undefined,
])[] = [
  ['no other node makes no view', frozen, [], undefined],
  ['of nodes that others take care of there is no view', frozen, [{ ...lost, ...marked }], undefined],
  [
    'nodes that are proved off already say nothing',
    frozen,
    [{ ...lost, ...treated('replacing') }],
    undefined,
  ],
  ['one that answers since is heard', frozen, [{ kubelet: heard }, lost], { heard: true, off: false }],
  [
    'one that came back a moment ago is not heard yet: the zone may be coming back',
    frozen,
    [{ kubelet: { ...heard, answeringForMs: 12_000 } }],
    { heard: false, off: false, unasked: [] },
  ],
  [
    'one that answered before the silence is to be asked',
    frozen,
    [{ name: 'node-2', kubelet: { ...heard, answeredAgoMs: 900 } }],
    { heard: false, unasked: ['node-2'] },
  ],
  ['no more than three are asked', frozen, Array(5).fill({}), { unasked: Array(3).fill('node-1') }],
  [
    'also a node that others take care of is a witness',
    frozen,
    [lost, { ...marked, kubelet: heard }],
    { heard: true },
  ],
  ['the machines of all others are off', deadNode, [lost, lost], { heard: false, off: true }],
  ['one machine that is on keeps the zone from being off', deadNode, [lost, frozen], { off: false }],
  [
    'an old word that a machine is off is none',
    deadNode,
    [{ ...lost, machine: { ...off, ageMs: 5001 } }],
    { off: false },
  ],
  [
    'a machine that is off and whose kubelet answers is not off',
    deadNode,
    [{ machine: off, kubelet: heard }],
    { off: false },
  ],
  [
    'a loss of the zone that is treated already is joined',
    deadNode,
    [{ ...lost, ...loss }],
    { loss: ATTEMPT },
  ],
  ['a running machine joins no loss of its zone', frozen, [{ ...lost, ...loss }], undefined],
];

for (const [claim, about, others, view] of VIEWS) {
  test(`the view of a zone: ${claim}`, () => {
    const seen = viewZone(
      about,
      others.map((each) => ({ ...healthyNode, ...each })),
      policy,
    );
    if (view === undefined || seen === undefined) assert.equal(seen, view);
    else assert.deepEqual({ ...seen, ...view }, seen);
  });
}

test('a node is lost with its zone where its own machine is off, too, or its record says so', () => {
  const view: ZoneView = { heard: false, unasked: [], off: true };
  const cases: readonly (readonly [Partial<NodeFacts>, boolean])[] = [
    [{ zoneView: view }, true],
    [{ zoneView: view, machine: on }, false],
    [{ zoneView: { ...view, off: false } }, false],
    [{ zoneView: { ...view, off: false, loss: ATTEMPT } }, true],
    [{}, false],
    [{ ...loss, machine: on }, true],
  ];
  for (const [more, isLost] of cases)
    assert.equal(isLostWithZone({ ...deadNode, ...more }, policy), isLost, JSON.stringify(more));
});

test('a zone is in doubt where two or more of its nodes are lost and a machine of one is not off', () => {
  const cases: readonly (readonly [readonly NodeFacts[], RegExp | undefined])[] = [
    [[frozen, frozen], /none of its 2 nodes answers, .*: node-1 on, node-1 on/],
    [[frozen, lost], /node-1 on$/],
    [[{ ...frozen, machine: { state: 'unknown', ageMs: 0 } }, lost], /node-1 unknown$/],
    [[lost, lost], undefined],
    [[frozen], undefined],
    [[frozen, { ...frozen, ...marked }], undefined],
    [[frozen, { ...lost, ...treated('replaced') }], undefined],
    // Others hear it: only we do not.
    [[frozen, { ...frozen, leaseAgeMs: 12_000 }], undefined],
  ];
  for (const [nodes, doubt] of cases)
    assert.match(doubtOfZone(nodes, policy) ?? '', doubt ?? /^$/, JSON.stringify(nodes));
});

const inThreeZones = (_name: string, number: number) => ({ zone: `zone-${number % 3}` });

test('a zone that loses its power is one loss: all of its nodes are treated at once, and within 5 s', async () => {
  const bench = new NodeBench({ policy: { budgetPerPool: 1, movedWithinMs: 0, replaceAfterMs: 0 } });
  await bench.calm(6, inThreeZones);
  for (const node of ['n1', 'n4']) {
    bench.server.addPod(`web-${node}`, node);
    bench.losePower(node);
  }
  await bench.until(25);
  assert.deepEqual([...bench.server.pods.keys()], []);
  assert.deepEqual(
    ['n1', 'n4'].map((node) => bench.records.asked('replace', node)),
    [1, 1],
  );
  bench.addNode('n1-r', { zone: 'zone-1' });
  bench.addNode('n4-r', { zone: 'zone-1' });
  await bench.until(30);
  assert.deepEqual([...bench.server.nodes.keys()], ['n2', 'n3', 'n5', 'n6', 'n1-r', 'n4-r']);
  assert.equal(
    new Set(bench.records.messages.map(({ incident }) => incident)).size,
    1,
    'people hear of one incident',
  );
  assert.deepEqual(bench.records.pages(), []);
});

test('a lost zone is treated only where enough of the other zones is healthy', async () => {
  const bench = new NodeBench({ policy: { leaseOverdueMs: 60_000, leaseOverdueAloneMs: 60_000 } });
  await bench.calm(6, inThreeZones);
  for (const node of ['n2', 'n3', 'n5']) bench.silent.add(node);
  await bench.until(27);
  for (const node of ['n1', 'n4']) bench.losePower(node);
  await bench.until(40);
  assert.equal(bench.records.asked('powerOff'), 0);
  assert.ok(bench.records.lines.some(({ detail }) => detail.includes('minimum-healthy: 1 of 5')));
});

test('a zone behind a broken switch is told once, and treated again once it is back', async () => {
  const bench = new NodeBench();
  await bench.calm(6, inThreeZones);
  for (const node of ['n1', 'n4']) bench.silent.add(node);
  await bench.until(60);
  assert.deepEqual(
    bench.records.pages().map(({ text }) => text.slice(0, 12)),
    ['zone zone-1:'],
  );
  bench.silent.clear();
  await bench.until(90);
  assert.equal(bench.records.resolved('zone zone-1').length, 1);
  bench.silent.add('n1');
  await bench.until(150);
  given(bench.records.pages('zone zone-1').length === 1, 'the zone is heard');
  assert.equal(bench.records.asked('powerOff', 'n1'), 1);
});

test('a node whose zone just comes back is not fenced for being the last to answer', async () => {
  const bench = new NodeBench();
  await bench.calm(6, inThreeZones);
  for (const node of ['n1', 'n4']) bench.silent.add(node);
  await bench.until(60);
  bench.silent.delete('n4');
  await bench.until(70);
  assert.equal(bench.records.asked('powerOff'), 0);
});

test('without zones, or with one, silent nodes are fenced one by one', async () => {
  for (const zone of ['', 'zone-1']) {
    const bench = new NodeBench({ policy: { coolDownMs: 0 } });
    await bench.calm(6, () => ({ zone }));
    for (const node of ['n1', 'n4']) bench.silent.add(node);
    await bench.until(60);
    assert.ok(bench.records.asked('powerOff') > 0, zone);
  }
});
