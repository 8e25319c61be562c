import { KubeError } from '../../../infra/kube/errors.ts';
import { ConflictError } from '../../cluster/call.ts';
import { applyJsonPatch } from '../../cluster/json-patch.ts';
import {
  conditionOf,
  type ConfigMapObject,
  type LeaseObject,
  type NodeObject,
  type PatchOperation,
  type PodObject,
} from '../../cluster/objects.ts';
import type { NodePolicy } from '../../policy/node-policy.ts';
import type { Touched } from '../../cluster/own-account.ts';
import type { SimClock } from './sim-clock.ts';
import { SimKubelets } from './sim-kubelets.ts';
import { newMachine, type SimMachine } from './sim-machine.ts';
import type { SimRandom } from './sim-random.ts';

const SCHEDULER_MS = 500;

/** What is particular about the pods of one name. */
interface PodKind {
  readonly bare?: boolean;
  readonly graceSeconds?: number;
  /** The node whose disk it needs. */
  readonly diskOn?: string;
  /** Why its eviction is refused: by the one budget of all pods, or since there are two for it, which is an error of the server. */
  readonly protectedBy?: 'budget' | 'two-budgets';
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
  readonly kubelets: SimKubelets;
  ledger: ConfigMapObject | undefined;
  /** What the healer's account may touch, by the UID of the treated node. */
  readonly allowed = new Map<string, Touched>();
  /** What lists that may be as old as the server's cache show; undefined: what is there. */
  stalePods: readonly PodObject[] | undefined;
  /** What the owner has set; processes read it when they start. */
  ownersPolicy: Partial<NodePolicy> = {};
  /** The annotation that pauses all healing. */
  paused: string | undefined;
  /** UIDs of nodes that others take care of, and since when. */
  readonly foreignSinceMs = new Map<string, number>();
  onNode: (change: NodeChange) => void = () => undefined;
  onLease: (lease: LeaseObject) => void = () => undefined;
  readonly #labelsZones: boolean;
  readonly #podKinds = new Map<string, PodKind>();
  #version = 0;
  #made = 0;

  constructor(clock: SimClock, random: SimRandom, labelsZones = true) {
    this.#labelsZones = labelsZones;
    this.clock = clock;
    this.random = random;
    clock.after(SCHEDULER_MS, () => this.#schedule());
    this.kubelets = new SimKubelets(this);
  }

  get nowMs(): number {
    return this.clock.now().monoMs;
  }

  /** @param more `isDead`: it never gets so far as to register its Node */
  addMachine(more: { readonly isDead?: boolean } = {}): string {
    const number = ++this.#made;
    const name = `node-${number}`;
    const uid = `${String(number).padStart(8, '0')}-uid`;
    const zone = `zone-${number % 3}`;
    const machine = newMachine(name, uid, zone, this.nowMs);
    this.machines.set(name, machine);
    if (more.isDead === true) return name;
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
    this.kubelets.join(machine);
    return name;
  }

  /** A pod of a StatefulSet, which is made again under its name when it goes, or a `bare` one, which is not. */
  addPod(name: string, more: PodKind = {}): void {
    const uid = `pod-${++this.#made}`;
    const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'set', controller: true };
    this.#podKinds.set(name, more);
    this.pods.set(uid, {
      metadata: {
        name,
        namespace: 'default',
        uid,
        resourceVersion: this.nextVersion(),
        // Pods that are to be found again have a label in common.
        labels: { app: 'web' },
        ...(more.bare === true ? {} : { ownerReferences: [owner] }),
      },
      status: { phase: 'Pending' },
    });
  }

  podsOn(node: string): readonly PodObject[] {
    return [...this.pods.values()].filter((pod) => pod.spec?.nodeName === node);
  }

  /** All pods, as a server's cache has them, which may be old. */
  cachedPods(): readonly PodObject[] {
    return this.stalePods ?? [...this.pods.values()];
  }

  /** Why a pod may not be evicted now. */
  protectionOf(pod: PodObject): PodKind['protectedBy'] {
    const own = this.podKind(pod.metadata.name).protectedBy;
    if (own !== undefined) return own;
    const isOthersReady = [...this.pods.values()].every(
      (each) =>
        each.metadata.name === pod.metadata.name ||
        (conditionOf(each, 'Ready') === 'True' && each.metadata.deletionTimestamp === undefined),
    );
    return isOthersReady ? undefined : 'budget';
  }

  podKind(name: string): PodKind {
    return this.#podKinds.get(name) ?? {};
  }

  setPodKind(name: string, more: PodKind): void {
    this.#podKinds.set(name, { ...this.podKind(name), ...more });
  }

  /** Whether anything on the machine answers somebody who has a way to it. */
  isAlive(machine: SimMachine): boolean {
    return machine.powered && !machine.frozen && machine.pausedUntilMs <= this.nowMs;
  }

  reaches(healer: string, machine: SimMachine): boolean {
    return this.isAlive(machine) && !machine.cableOut && !machine.hiddenFrom.has(healer);
  }

  setPower(machine: SimMachine, powered: boolean): void {
    if (machine.retired || machine.powered === powered) return;
    machine.powered = powered;
    machine.frozen = false;
    machine.containers.clear();
    if (!powered) return;
    machine.poweredSinceMs = this.nowMs;
    this.reconnect(machine);
  }

  /** The node's lease is renewed now if the kubelet can do so: after a cut it does not wait for its turn. */
  reconnect(machine: SimMachine): void {
    this.kubelets.report(machine);
  }

  patchNode(name: string, patch: readonly PatchOperation[]): NodeObject {
    const node = this.nodes.get(name);
    if (node === undefined) throw notFound(`Node ${name}`);
    let patched: NodeObject;
    try {
      patched = applyJsonPatch(node, patch);
    } catch (error) {
      throw new ConflictError(`Node ${name} changed in between`, error);
    }
    return this.#write(patched);
  }

  /** Somebody sets a label or an annotation on a node, if it is still there; without a value it is taken away. */
  mark(name: string, kind: 'labels' | 'annotations', key: string, value?: string): void {
    const metadata = this.nodes.get(name)?.metadata;
    if (metadata === undefined) return;
    const others = Object.fromEntries(Object.entries(metadata[kind] ?? {}).filter(([each]) => each !== key));
    this.patchNode(name, [
      {
        op: 'add',
        path: `/metadata/${kind}`,
        value: value === undefined ? others : { ...others, [key]: value },
      },
    ]);
  }

  /** Somebody sets a taint on a node, if it is still there; without a value it is taken away. */
  taint(name: string, key: string, value?: string): void {
    const spec = this.nodes.get(name)?.spec;
    if (spec === undefined) return;
    const others = (spec.taints ?? []).filter((each) => each.key !== key);
    const taints = value === undefined ? others : [...others, { key, value, effect: 'NoSchedule' }];
    this.patchNode(name, [{ op: 'add', path: '/spec', value: { ...spec, taints } }]);
  }

  deleteNode(name: string, uid: string): void {
    const node = this.nodes.get(name);
    if (node === undefined) return;
    if (node.metadata.uid !== uid) throw new ConflictError(`Node ${name} is another one`);
    const heldForMs = this.machines.get(name)?.finalizedForMs;
    if (heldForMs === undefined) {
      this.#removeNode(name, uid);
      return;
    }
    if (node.metadata.deletionTimestamp !== undefined) return;
    this.#write({ ...node, metadata: { ...node.metadata, deletionTimestamp: String(this.nowMs) } });
    if (heldForMs < Infinity) this.clock.after(heldForMs, () => this.#removeNode(name, uid));
  }

  #removeNode(name: string, uid: string): void {
    const node = this.nodes.get(name);
    if (node?.metadata.uid !== uid) return;
    this.nodes.delete(name);
    this.leases.delete(name);
    this.onNode({ type: 'deleted', node });
    for (const pod of [...this.pods.values()])
      if (pod.spec?.nodeName === name) this.deletePod(pod.metadata.uid);
  }

  /** The object goes at once; its container when the kubelet hears of it. */
  deletePod(uid: string): void {
    const pod = this.pods.get(uid);
    if (pod === undefined) return;
    this.pods.delete(uid);
    const { name } = pod.metadata;
    const kind = this.podKind(name);
    // The pod's controller makes another one, of the same name as a StatefulSet's.
    if (kind.bare !== true) this.addPod(name, kind);
    if (pod.spec?.nodeName !== undefined) this.kubelets.wake(pod.spec.nodeName);
  }

  /** Asks a pod to leave within its grace, as an eviction does. */
  endPod(uid: string): void {
    const pod = this.pods.get(uid);
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return;
    const metadata = {
      ...pod.metadata,
      deletionTimestamp: String(this.nowMs),
      deletionGracePeriodSeconds: this.podKind(pod.metadata.name).graceSeconds ?? 1,
    };
    this.pods.set(uid, { ...pod, metadata });
    if (pod.spec?.nodeName !== undefined) this.kubelets.wake(pod.spec.nodeName);
  }

  setPodReady(uid: string): void {
    const pod = this.pods.get(uid);
    if (pod === undefined) return;
    const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
    this.pods.set(uid, { ...pod, status });
  }

  writeLedger(before: ConfigMapObject | undefined, data: Readonly<Record<string, string>>): ConfigMapObject {
    if (before?.metadata.resourceVersion !== this.ledger?.metadata.resourceVersion) {
      throw new ConflictError('the ledger changed in between');
    }
    this.ledger = { metadata: { name: 'ledger', uid: 'ledger', resourceVersion: this.nextVersion() }, data };
    return this.ledger;
  }

  leaseAgeMs(name: string): number {
    const renewed = this.leases.get(name)?.spec?.renewTime;
    return renewed === undefined ? Infinity : this.nowMs - Number(renewed);
  }

  #write(node: NodeObject): NodeObject {
    const written = { ...node, metadata: { ...node.metadata, resourceVersion: this.nextVersion() } };
    this.nodes.set(node.metadata.name, written);
    this.onNode({ type: 'seen', node: written });
    return written;
  }

  nextVersion(): string {
    return String(++this.#version);
  }

  setReady(name: string, status: string): void {
    const node = this.nodes.get(name);
    const ready = node?.status?.conditions?.[0];
    if (node === undefined || ready?.status === status) return;
    this.#write({ ...node, status: { ...node.status, conditions: [{ type: 'Ready', status }] } });
  }

  /** Binds waiting pods; now and then to a node that was cordoned a moment ago, as a real scheduler's cache allows. */
  #schedule(): void {
    const all = [...this.nodes.values()];
    const open = all.filter(
      (node) => node.spec?.unschedulable !== true && (node.spec?.taints ?? []).length === 0,
    );
    for (const pod of this.pods.values()) {
      if (pod.spec?.nodeName !== undefined) continue;
      const { diskOn } = this.podKind(pod.metadata.name);
      const from = this.random.chance(0.05) ? all : open;
      const fitting = diskOn === undefined ? from : from.filter(({ metadata }) => metadata.name === diskOn);
      if (fitting.length === 0) {
        const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }];
        this.pods.set(pod.metadata.uid, { ...pod, status: { phase: 'Pending', conditions } });
        continue;
      }
      const nodeName = this.random.pick(fitting).metadata.name;
      this.pods.set(pod.metadata.uid, { ...pod, spec: { containers: [], ...pod.spec, nodeName } });
      this.kubelets.wake(nodeName);
    }
    this.clock.after(SCHEDULER_MS, () => this.#schedule());
  }
}

function notFound(what: string): KubeError {
  return new KubeError('kube.not-found', `${what} not found`, { status: 404, reason: 'NotFound' });
}
