import { ConflictError } from '../../cluster/call.ts';
import { applyJsonPatch } from '../../cluster/json-patch.ts';
import type {
  ConfigMapObject,
  LeaseObject,
  NodeObject,
  PatchOperation,
  PodObject,
} from '../../cluster/objects.ts';
import type { SimClock } from './sim-clock.ts';
import type { SimRandom } from './sim-random.ts';

const LEASE_RENEWAL_MS = 10_000;
/** One node's kubelet is configured otherwise. */
const SLOW_NODE = 'node-5';
const SLOW_RENEWAL_MS = 25_000;
const SCHEDULER_MS = 500;
const NODE_MONITOR_MS = 5000;
const MONITOR_GRACE_MS = 50_000;

/** A machine as it really is, whatever anybody believes of it. */
export interface SimMachine {
  readonly name: string;
  readonly uid: string;
  readonly zone: string;
  powered: boolean;
  /** Hung: powered, but nothing on it answers. */
  frozen: boolean;
  /** No network at all. */
  cableOut: boolean;
  /** Cut off from the API server only. */
  apiCut: boolean;
  /** Healers that do not reach its kubelet. */
  readonly hiddenFrom: Set<string>;
  /** Replaced: it can never start again. */
  retired: boolean;
  poweredSinceMs: number;
  /** What the machine interface claims instead of the truth. */
  claims: 'on' | 'off' | undefined;
  /** After how long, each time, its power comes back by itself. */
  readonly powerReturnsAfterMs: number[];
}

export type NodeChange = { readonly type: 'seen' | 'deleted'; readonly node: NodeObject };

/** The truth: machines, API objects, and the parts of Kubernetes that go on by themselves. */
export class SimCluster {
  readonly machines = new Map<string, SimMachine>();
  readonly nodes = new Map<string, NodeObject>();
  readonly leases = new Map<string, LeaseObject>();
  readonly pods = new Map<string, PodObject>();
  /** UIDs of nodes whose cordon a person set. */
  readonly personCordons = new Set<string>();
  readonly clock: SimClock;
  readonly random: SimRandom;
  ledger: ConfigMapObject | undefined;
  onNode: (change: NodeChange) => void = () => undefined;
  onLease: (lease: LeaseObject) => void = () => undefined;
  readonly #labelsZones: boolean;
  #version = 0;
  #made = 0;

  constructor(clock: SimClock, random: SimRandom, labelsZones = true) {
    this.#labelsZones = labelsZones;
    this.clock = clock;
    this.random = random;
    clock.after(SCHEDULER_MS, () => this.#schedule());
    clock.after(NODE_MONITOR_MS, () => this.#monitor());
  }

  get nowMs(): number {
    return this.clock.now().monoMs;
  }

  addMachine(): string {
    const number = ++this.#made;
    const name = `node-${number}`;
    const uid = `${String(number).padStart(8, '0')}-uid`;
    const zone = `zone-${number % 3}`;
    this.machines.set(name, {
      name,
      uid,
      zone,
      powered: true,
      frozen: false,
      cableOut: false,
      apiCut: false,
      hiddenFrom: new Set(),
      retired: false,
      poweredSinceMs: this.nowMs,
      claims: undefined,
      powerReturnsAfterMs: [],
    });
    this.#write({
      metadata: {
        name,
        uid,
        resourceVersion: '',
        labels: {
          'firedrill.dev/role': 'worker',
          ...(this.#labelsZones ? { 'topology.kubernetes.io/zone': zone } : {}),
        },
        creationTimestamp: new Date(this.clock.now().wallMs).toISOString(),
      },
      spec: {},
      status: {
        conditions: [{ type: 'Ready', status: 'True' }],
        addresses: [{ type: 'InternalIP', address: name }],
      },
    });
    this.#renew(name, true);
    return name;
  }

  addPod(name: string): void {
    const uid = `pod-${++this.#made}`;
    this.pods.set(uid, {
      metadata: {
        name,
        namespace: 'default',
        uid,
        resourceVersion: this.#next(),
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'set', controller: true },
        ],
      },
      status: { phase: 'Pending' },
    });
  }

  /** Whether anything on the machine answers somebody who has a way to it. */
  isAlive(machine: SimMachine): boolean {
    return machine.powered && !machine.frozen;
  }

  reaches(healer: string, machine: SimMachine): boolean {
    return this.isAlive(machine) && !machine.cableOut && !machine.hiddenFrom.has(healer);
  }

  setPower(machine: SimMachine, powered: boolean): void {
    if (machine.retired || machine.powered === powered) return;
    machine.powered = powered;
    machine.frozen = false;
    if (powered) machine.poweredSinceMs = this.nowMs;
    // Back in power, a kubelet reports itself at once.
    if (powered) this.#renew(machine.name, false);
  }

  /** The node's lease is renewed now if the kubelet can do so: after a cut it does not wait for its turn. */
  reconnect(machine: SimMachine): void {
    this.#renew(machine.name, false);
  }

  patchNode(name: string, patch: readonly PatchOperation[]): NodeObject {
    const node = this.nodes.get(name);
    if (node === undefined) throw new ConflictError(`Node ${name} is gone`);
    let patched: NodeObject;
    try {
      patched = applyJsonPatch(node, patch);
    } catch (error) {
      throw new ConflictError(`Node ${name} changed in between`, error);
    }
    return this.#write(patched);
  }

  /** Somebody sets a label or an annotation on a node, if it is still there. */
  mark(name: string, kind: 'labels' | 'annotations', key: string, value: string): void {
    const metadata = this.nodes.get(name)?.metadata;
    if (metadata === undefined) return;
    this.patchNode(name, [
      { op: 'add', path: `/metadata/${kind}`, value: { ...metadata[kind], [key]: value } },
    ]);
  }

  deleteNode(name: string, uid: string): void {
    const node = this.nodes.get(name);
    if (node === undefined) return;
    if (node.metadata.uid !== uid) throw new ConflictError(`Node ${name} is another one`);
    this.nodes.delete(name);
    this.leases.delete(name);
    this.onNode({ type: 'deleted', node });
    for (const pod of [...this.pods.values()])
      if (pod.spec?.nodeName === name) this.deletePod(pod.metadata.uid);
  }

  deletePod(uid: string): void {
    const pod = this.pods.get(uid);
    if (pod === undefined) return;
    this.pods.delete(uid);
    // The pod's controller makes another one, of the same name as a StatefulSet's.
    this.addPod(pod.metadata.name);
  }

  writeLedger(before: ConfigMapObject | undefined, data: Readonly<Record<string, string>>): ConfigMapObject {
    if (before?.metadata.resourceVersion !== this.ledger?.metadata.resourceVersion) {
      throw new ConflictError('the ledger changed in between');
    }
    this.ledger = { metadata: { name: 'ledger', uid: 'ledger', resourceVersion: this.#next() }, data };
    return this.ledger;
  }

  leaseRenewalMs(name: string): number {
    return name === SLOW_NODE ? SLOW_RENEWAL_MS : LEASE_RENEWAL_MS;
  }

  leaseAgeMs(name: string): number {
    const renewed = this.leases.get(name)?.spec?.renewTime;
    return renewed === undefined ? Infinity : this.nowMs - Number(renewed);
  }

  #write(node: NodeObject): NodeObject {
    const written = { ...node, metadata: { ...node.metadata, resourceVersion: this.#next() } };
    this.nodes.set(node.metadata.name, written);
    this.onNode({ type: 'seen', node: written });
    return written;
  }

  #next(): string {
    return String(++this.#version);
  }

  #renew(name: string, again: boolean): void {
    const machine = this.machines.get(name);
    if (machine === undefined || machine.retired) return;
    if (this.isAlive(machine) && !machine.cableOut && !machine.apiCut && this.nodes.has(name)) {
      const lease: LeaseObject = {
        metadata: { name, uid: `lease-${name}`, resourceVersion: this.#next() },
        spec: { renewTime: String(this.nowMs), leaseDurationSeconds: this.leaseRenewalMs(name) / 250 },
      };
      this.leases.set(name, lease);
      this.onLease(lease);
      this.#setReady(name, 'True');
    }
    if (again)
      this.clock.after(this.leaseRenewalMs(name) * this.random.between(0.95, 1.05), () =>
        this.#renew(name, true),
      );
  }

  #setReady(name: string, status: string): void {
    const node = this.nodes.get(name);
    const ready = node?.status?.conditions?.[0];
    if (node === undefined || ready?.status === status) return;
    this.#write({ ...node, status: { ...node.status, conditions: [{ type: 'Ready', status }] } });
  }

  #monitor(): void {
    for (const name of this.nodes.keys())
      if (this.leaseAgeMs(name) > MONITOR_GRACE_MS) this.#setReady(name, 'Unknown');
    this.clock.after(NODE_MONITOR_MS, () => this.#monitor());
  }

  /** Binds waiting pods; now and then to a node that was cordoned a moment ago, as a real scheduler's cache allows. */
  #schedule(): void {
    const all = [...this.nodes.values()];
    const open = all.filter(
      (node) => node.spec?.unschedulable !== true && (node.spec?.taints ?? []).length === 0,
    );
    for (const pod of this.pods.values()) {
      if (pod.spec?.nodeName !== undefined) continue;
      const from = this.random.chance(0.05) ? all : open;
      if (from.length === 0) continue;
      const nodeName = this.random.pick(from).metadata.name;
      const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
      this.pods.set(pod.metadata.uid, { ...pod, spec: { containers: [], ...pod.spec, nodeName }, status });
    }
    this.clock.after(SCHEDULER_MS, () => this.#schedule());
  }
}
