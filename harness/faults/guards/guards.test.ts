import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault, NodeTarget, TargetMode } from '../../core/faults/fault.ts';
import { createRng } from '../../core/seed.ts';
import type { GuardRule } from '../../core/faults/guard-rules.ts';
import { given } from '../../core/given.ts';
import { checkGuards, type Refusal } from './guards.ts';
import { resolveTarget } from '../targets/resolve.ts';
import type { ClusterSnapshot, SnapshotNode, SnapshotPod } from '../targets/cluster-snapshot.ts';

const node = (name: string, zone: string, changed: Partial<SnapshotNode> = {}): SnapshotNode => ({
  name,
  uid: `uid-${name}`,
  zone,
  role: 'worker',
  labels: {},
  ready: true,
  ...changed,
});
const pod = (name: string, nodeName: string, changed: Partial<SnapshotPod> = {}): SnapshotPod => ({
  namespace: 'storefront',
  name,
  uid: `uid-${name}`,
  labels: { app: 'storefront' },
  node: nodeName,
  ready: true,
  owner: 'ReplicaSet/web',
  ...changed,
});
const TRIAL_LEFT_MS = 600_000;
const snapshot: ClusterSnapshot = {
  nodes: [
    node('a', 'zone-1'),
    node('b', 'zone-2'),
    node('c', 'zone-3'),
    node('i', 'zone-1', { role: 'infra' }),
  ],
  pods: [pod('web-1', 'a'), pod('web-2', 'b'), pod('web-3', 'c')],
  granted: true,
};

function rulesBrokenBy(...of: Parameters<typeof refusalsOf>): GuardRule[] {
  return refusalsOf(...of).map(({ rule }) => rule);
}

function refusalsOf(
  target: Omit<NodeTarget, 'kind'>,
  inSnapshot: ClusterSnapshot,
  options?: Fault['options'],
): readonly Refusal[] {
  const fault: Fault = {
    kind: 'node.power-off',
    target: { kind: 'node', ...target },
    ...given({ options }),
  };
  const resolution = resolveTarget(fault.target, inSnapshot, createRng(1));
  return checkGuards(fault, resolution, inSnapshot, TRIAL_LEFT_MS);
}

test('the loss of one of three workers is allowed', () => {
  assert.deepEqual(rulesBrokenBy({ names: ['a'], mode: 'one' }, snapshot), []);
});

test('more than half of the workers is refused, and workers that are down already count', () => {
  assert.deepEqual(rulesBrokenBy({ names: ['a', 'b'], mode: 'all' }, snapshot), [
    'half-of-nodes',
    'half-of-zones',
  ]);
  const oneDown = {
    ...snapshot,
    nodes: snapshot.nodes.map((n) => (n.name === 'c' ? { ...n, ready: false } : n)),
  };
  assert.ok(rulesBrokenBy({ names: ['a'], mode: 'one' }, oneDown).includes('half-of-nodes'));
});

test('half of the zones is allowed, more is not, even where it is few nodes', () => {
  const nodes = [node('a', 'z1'), node('b', 'z1'), node('c', 'z1'), node('d', 'z2'), node('e', 'z3')];
  const pods = nodes.map((n) => pod(`web-${n.name}`, n.name));
  assert.deepEqual(rulesBrokenBy({ names: ['d', 'e'], mode: 'all' }, { nodes, pods, granted: true }), [
    'half-of-zones',
  ]);
  assert.deepEqual(rulesBrokenBy({ names: ['d'], mode: 'all' }, { nodes, pods, granted: true }), []);
});

test('a zone is lost with its last worker that is Ready; where there is one zone only, none counts', () => {
  const all = { names: ['a', 'b'], mode: 'all' } as const;
  const inZones = (...zones: readonly string[]): ClusterSnapshot => ({
    nodes: zones.map((zone, at) => node('abcd'[at] ?? '', zone)),
    pods: [],
    granted: true,
  });
  assert.deepEqual(rulesBrokenBy(all, inZones('z1', 'z2')), ['half-of-nodes', 'half-of-zones']);
  assert.deepEqual(rulesBrokenBy(all, inZones('z1', 'z1')), ['half-of-nodes']);
  assert.deepEqual(rulesBrokenBy(all, inZones('z1', 'z1', 'z2', 'z2')), []);
  const oneDown = inZones('z1', 'z2', 'z3', 'z3');
  assert.deepEqual(
    rulesBrokenBy(
      { names: ['a'], mode: 'one' },
      { ...oneDown, nodes: oneDown.nodes.map((n) => ({ ...n, ready: n.name !== 'b' })) },
    ),
    ['half-of-zones'],
  );
});

test('the last ready replica of anything is protected; DaemonSets and single pods are not', () => {
  const lonely = (changed: Partial<SnapshotPod>): ClusterSnapshot => ({
    ...snapshot,
    pods: [...snapshot.pods, pod('only', 'a', { owner: 'StatefulSet/db', ...changed })],
  });
  assert.deepEqual(rulesBrokenBy({ names: ['a'], mode: 'one' }, lonely({})), ['last-ready-replica']);
  assert.deepEqual(rulesBrokenBy({ names: ['a'], mode: 'one' }, lonely({ owner: 'DaemonSet/logs' })), []);
  const bare: SnapshotPod = { ...pod('bare', 'a') };
  delete (bare as { owner?: string }).owner;
  assert.deepEqual(
    rulesBrokenBy({ names: ['a'], mode: 'one' }, { ...snapshot, pods: [...snapshot.pods, bare] }),
    [],
  );
  assert.deepEqual(rulesBrokenBy({ names: ['a'], mode: 'one' }, lonely({ ready: false })), []);
});

test('a replica that is not ready does not save the last one that is', () => {
  const pods = [pod('web-1', 'a'), pod('web-2', 'b', { ready: false })];
  assert.deepEqual(rulesBrokenBy({ names: ['a'], mode: 'one' }, { ...snapshot, pods }), [
    'last-ready-replica',
  ]);
});

test('nodes of the control plane, and our own unless named, are protected', () => {
  const withControlPlane = {
    ...snapshot,
    nodes: [...snapshot.nodes, node('cp', 'zone-1', { role: 'control-plane' })],
  };
  assert.deepEqual(rulesBrokenBy({ names: ['cp'], mode: 'one' }, withControlPlane), ['control-plane']);
  const labelled = {
    ...snapshot,
    nodes: snapshot.nodes.map((n) => (n.name === 'i' ? { ...n, labels: { x: 'y' } } : n)),
  };
  assert.deepEqual(rulesBrokenBy({ labels: 'x=y', mode: 'one' }, labelled), ['own-monitoring']);
  assert.deepEqual(rulesBrokenBy({ names: ['i'], mode: 'one' }, snapshot), []);
});

test('what is not hit is no reason, whatever it carries', () => {
  const nodes = [...snapshot.nodes, node('cp', 'zone-1', { role: 'control-plane' })];
  const labelled = nodes.map((n) => (n.name === 'a' ? { ...n, labels: { x: 'y' } } : n));
  assert.deepEqual(rulesBrokenBy({ labels: 'x=y', mode: 'one' }, { ...snapshot, nodes: labelled }), []);
});

test('a refusal says what would be lost, and where the limits lie', () => {
  const messages = (...of: Parameters<typeof refusalsOf>): readonly string[] =>
    refusalsOf(...of).map(({ message }) => message);
  const a = { names: ['a'], mode: 'one' } as const;
  const lonely = (count: number): ClusterSnapshot => ({
    ...snapshot,
    pods: Array.from({ length: count }, (_, at) => pod(`web-${at}`, 'a')),
  });
  assert.deepEqual(messages(a, lonely(1)), ['storefront/ReplicaSet/web would lose its last ready pod']);
  assert.deepEqual(messages(a, lonely(2)), ['storefront/ReplicaSet/web would lose all of its 2 ready pods']);
  const unmarked = 'this cluster does not say that it may be broken';
  assert.deepEqual(messages(a, { ...snapshot, granted: false }), [unmarked]);
  const why = { granted: false, notGranted: 'no permission' };
  assert.deepEqual(messages(a, { ...snapshot, ...why }), [`${unmarked}: no permission`]);
  const outside = "node a: outside of what the cluster's owner has allowed";
  assert.deepEqual(messages(a, { ...snapshot, allowed: { namespaces: [] } }), [
    `${outside} (namespaces none, nodes none)`,
  ]);
  assert.deepEqual(messages(a, { ...snapshot, allowed: { namespaces: ['s', 't'], nodes: 'pool=drill' } }), [
    `${outside} (namespaces s, t, nodes pool=drill)`,
  ]);
});

test('a rule is lifted by its name, and only that one; zero targets never', () => {
  const target = { names: ['a', 'b'], mode: 'all' } as const;
  assert.deepEqual(rulesBrokenBy(target, snapshot, { allow: ['half-of-nodes'] }), ['half-of-zones']);
  assert.deepEqual(rulesBrokenBy({ names: ['zz'], mode: 'one' }, snapshot, { allow: ['zero-targets'] }), [
    'zero-targets',
  ]);
});

test('a cluster that nobody has marked is not broken, whatever a scenario allows', () => {
  const unmarked = { ...snapshot, granted: false };
  assert.deepEqual(rulesBrokenBy({ names: ['a'], mode: 'one' }, unmarked, { allow: ['unmarked-cluster'] }), [
    'unmarked-cluster',
  ]);
});

test("only what a cluster's owner has named is hit, and no scenario can lift that", () => {
  const labelled = snapshot.nodes.map((n) => (n.name === 'a' ? { ...n, labels: { pool: 'drill' } } : n));
  const limited = (allowed: NonNullable<ClusterSnapshot['allowed']>): ClusterSnapshot => ({
    ...snapshot,
    nodes: labelled,
    allowed,
  });
  const hit = (name: string, allowed: NonNullable<ClusterSnapshot['allowed']>): GuardRule[] =>
    rulesBrokenBy({ names: [name], mode: 'one' }, limited(allowed), { allow: ['outside-allowed'] });
  assert.deepEqual(hit('a', { namespaces: ['storefront'], nodes: 'pool=drill' }), []);
  assert.deepEqual(hit('b', { namespaces: ['storefront'], nodes: 'pool=drill' }), ['outside-allowed']);
  assert.deepEqual(hit('a', { namespaces: ['*'] }), ['outside-allowed']);
  assert.deepEqual(hit('b', { namespaces: [], nodes: '*' }), []);
});

test('pods outside of the namespaces that an owner has named are left alone', () => {
  const target = { kind: 'pod', labels: 'app=storefront', mode: 'one' } as const;
  const rules = (namespaces: readonly string[]): GuardRule[] => {
    const limited = { ...snapshot, allowed: { namespaces } };
    const resolution = resolveTarget(target, limited, createRng(1));
    return checkGuards({ kind: 'pod.kill', target }, resolution, limited, TRIAL_LEFT_MS).map(
      (refusal) => refusal.rule,
    );
  };
  assert.deepEqual(rules(['storefront']), []);
  assert.deepEqual(rules(['shop']), ['outside-allowed']);
});

test("all but one of a deployment's pods may be killed, all of them only where that is meant", () => {
  const killed = (mode: TargetMode, options?: Fault['options']): GuardRule[] => {
    const target = { kind: 'pod', labels: 'app=storefront', mode } as const;
    const fault: Fault = { kind: 'pod.kill', target, ...given({ options }) };
    const resolution = resolveTarget(target, snapshot, createRng(1));
    return checkGuards(fault, resolution, snapshot, TRIAL_LEFT_MS).map((refusal) => refusal.rule);
  };
  assert.deepEqual(killed({ fixed: 2 }), []);
  assert.deepEqual(killed('all'), ['last-ready-replica']);
  assert.deepEqual(killed('all', { allow: ['last-ready-replica'] }), []);
});

test('pods that we see with, and those of Kubernetes, are hit only where their namespace is named', () => {
  const inSnapshot = {
    ...snapshot,
    pods: ['monitoring', 'kube-system', 'firedrill-system'].flatMap((namespace) => [
      pod(`${namespace}-1`, 'a', { namespace }),
      pod(`${namespace}-2`, 'b', { namespace }),
    ]),
  };
  const broken = (namespace?: string): GuardRule[] => {
    const where = given({ namespace });
    const target = { kind: 'pod', labels: 'app=storefront', mode: 'one', ...where } as const;
    const resolution = resolveTarget(target, inSnapshot, createRng(1));
    return checkGuards({ kind: 'pod.kill', target }, resolution, inSnapshot, TRIAL_LEFT_MS).map(
      (refusal) => refusal.rule,
    );
  };
  assert.deepEqual(broken(), ['own-monitoring']);
  assert.deepEqual(broken('kube-system'), []);
});

test('a fault without a duration is refused where the trial could last into a freeze window', () => {
  const freeze = [{ kind: 'span', name: 'sale', fromWallMs: TRIAL_LEFT_MS - 1, toWallMs: 10 ** 7 } as const];
  const soon = { ...snapshot, policy: { policy: { freeze, stop: [] }, clusterUid: 'u', wallMs: 0 } };
  const broken = (fault: Fault): GuardRule[] => {
    const resolution = resolveTarget(fault.target, soon, createRng(1));
    return checkGuards(fault, resolution, soon, TRIAL_LEFT_MS).map(({ rule }) => rule);
  };
  const freezing = { kind: 'node.freeze', target: { kind: 'node', names: ['a'], mode: 'one' } } as const;
  assert.deepEqual(broken(freezing), ['freeze-window']);
  assert.deepEqual(broken({ ...freezing, durationMs: 60_000 }), []);
});

test("what the cluster's owner forbids no scenario can allow", () => {
  const freeze = [{ kind: 'span', name: 'sale', fromWallMs: 0, toWallMs: 2 } as const];
  const policy = { freeze, stop: [], approvers: [{ user: 'alice', key: 'k' }] };
  const frozen: ClusterSnapshot = { ...snapshot, policy: { policy, clusterUid: 'u', wallMs: 1 } };
  const allow = ['freeze-window', 'approval', 'stop-condition'];
  assert.deepEqual(rulesBrokenBy({ names: ['a'], mode: 'one' }, frozen, { allow }), [
    'freeze-window',
    'approval',
  ]);
});
