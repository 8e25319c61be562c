import type { LeaseObject, NodeObject, PodObject } from '../../cluster/objects.ts';
import type { SimClock } from './sim-clock.ts';
import type { SimMachine } from './sim-machine.ts';
import type { SimRandom } from './sim-random.ts';

const LEASE_RENEWAL_MS = 10_000;
/** One node's kubelet is configured otherwise. */
const SLOW_NODE = 'node-5';
const SLOW_RENEWAL_MS = 25_000;
const NODE_MONITOR_MS = 5000;
const MONITOR_GRACE_MS = 50_000;

/** What kubelets have of the cluster around them. */
interface Surroundings {
  readonly clock: SimClock;
  readonly random: SimRandom;
  readonly nowMs: number;
  readonly machines: ReadonlyMap<string, SimMachine>;
  readonly nodes: ReadonlyMap<string, NodeObject>;
  readonly pods: ReadonlyMap<string, PodObject>;
  readonly leases: Map<string, LeaseObject>;
  onLease(lease: LeaseObject): void;
  nextVersion(): string;
  isAlive(machine: SimMachine): boolean;
  setReady(name: string, status: string): void;
  setPodReady(uid: string): void;
  deletePod(uid: string): void;
  leaseAgeMs(name: string): number;
}

/** The kubelets, which renew leases, report Ready, start and end containers, and the monitor that misses them. */
export class SimKubelets {
  /** A container was started: on the machine, of the pod. */
  onStart: (machine: SimMachine, pod: { readonly uid: string; readonly name: string }) => void = () =>
    undefined;
  readonly #cluster: Surroundings;

  constructor(cluster: Surroundings) {
    this.#cluster = cluster;
    cluster.clock.after(NODE_MONITOR_MS, () => this.#monitor());
  }

  leaseRenewalMs(name: string): number {
    return name === SLOW_NODE ? SLOW_RENEWAL_MS : LEASE_RENEWAL_MS;
  }

  /** A kubelet that was started or has its way to the API server again reports itself at once. */
  report(machine: SimMachine): void {
    if (!this.#works(machine)) return;
    this.#renew(machine);
    this.#sync(machine);
  }

  /** Begins the life of a kubelet. */
  join(machine: SimMachine): void {
    this.report(machine);
    const { clock, random } = this.#cluster;
    clock.after(this.leaseRenewalMs(machine.name) * random.between(0.95, 1.05), () => this.#turn(machine));
  }

  /** Something about its pods has changed, and the kubelet hears of it in a moment. */
  wake(name: string): void {
    const machine = this.#cluster.machines.get(name);
    if (machine === undefined) return;
    const { clock, random } = this.#cluster;
    clock.after(random.between(50, 400), () => this.#sync(machine));
  }

  #works(machine: SimMachine): boolean {
    const isConnected = !machine.cableOut && !machine.apiCut && this.#cluster.nodes.has(machine.name);
    return this.#cluster.isAlive(machine) && isConnected && !machine.retired;
  }

  #turn(machine: SimMachine): void {
    if (machine.retired) return;
    if (this.#works(machine)) this.#renew(machine);
    const { clock, random } = this.#cluster;
    clock.after(this.leaseRenewalMs(machine.name) * random.between(0.95, 1.05), () => this.#turn(machine));
  }

  #renew({ name, notReady }: SimMachine): void {
    const cluster = this.#cluster;
    const lease = this.#lease(name);
    cluster.leases.set(name, lease);
    cluster.onLease(lease);
    cluster.setReady(name, notReady === undefined ? 'True' : 'False');
  }

  #lease(name: string): LeaseObject {
    return {
      metadata: { name, uid: `lease-${name}`, resourceVersion: this.#cluster.nextVersion() },
      spec: {
        renewTime: String(this.#cluster.nowMs),
        leaseDurationSeconds: this.leaseRenewalMs(name) / 250,
      },
    };
  }

  /** Starts what is bound to the node, and ends what is to go; without the API server a kubelet does neither. */
  #sync(machine: SimMachine): void {
    if (!this.#works(machine)) return;
    const { pods, clock, nowMs } = this.#cluster;
    for (const uid of machine.containers.keys())
      if (!pods.has(uid) && machine.notReady !== 'runtime') machine.containers.delete(uid);
    if (machine.notReady === 'runtime') return;
    for (const pod of pods.values()) {
      const { uid, name, deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata;
      if (pod.spec?.nodeName !== machine.name) continue;
      if (deletionTimestamp !== undefined) {
        const leftMs = Number(deletionTimestamp) + deletionGracePeriodSeconds * 1000 - nowMs;
        if (leftMs > 0) clock.after(leftMs, () => this.#sync(machine));
        else {
          machine.containers.delete(uid);
          this.#cluster.deletePod(uid);
        }
      } else if (!machine.containers.has(uid)) {
        machine.containers.set(uid, { name });
        this.#cluster.setPodReady(uid);
        this.onStart(machine, { uid, name });
      }
    }
  }

  #monitor(): void {
    const { nodes, clock } = this.#cluster;
    for (const name of nodes.keys())
      if (this.#cluster.leaseAgeMs(name) > MONITOR_GRACE_MS) this.#cluster.setReady(name, 'Unknown');
    clock.after(NODE_MONITOR_MS, () => this.#monitor());
  }
}
