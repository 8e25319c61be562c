import { MachineError } from '../../../infra/machines/errors.ts';
import type { MachineInterface, MachineState, ReplaceResult } from '../../../infra/machines/protocol.ts';
import type { ClusterApi } from '../../cluster/cluster-api.ts';
import type { EvictionAnswer, PodIdentity } from '../../cluster/pods.ts';
import type {
  ConfigMapObject,
  LeaseObject,
  NodeObject,
  PatchOperation,
  PodObject,
} from '../../cluster/objects.ts';
import type { SimCluster } from './sim-cluster.ts';
import type { SimReferee } from './sim-referee.ts';

/** How one healer process is connected to the world, and what befalls it. */
export interface SimLine {
  readonly healer: string;
  /** No request gets through, and none comes back. */
  apiCut: boolean;
  machinesCut: boolean;
  /** Its audit cannot be written. */
  diskFull: boolean;
  /** Share of requests that fail, half of them after they were carried out. */
  failures: number;
  /** Called before and after each change is carried out; may end the process. */
  crashPoint(): void;
  /** Called when a patch of a node has been sent and has not arrived. */
  beforePatch(name: string): void;
  readonly signal: AbortSignal;
  leading(): boolean;
}

const TIMEOUT_MS = 2000;

class Connection {
  readonly cluster: SimCluster;
  readonly line: SimLine;
  readonly referee: SimReferee;

  constructor(cluster: SimCluster, line: SimLine, referee: SimReferee) {
    this.cluster = cluster;
    this.line = line;
    this.referee = referee;
  }

  /** One request with its two ways, either of which may fail. */
  async request<T>(cut: () => boolean, carryOut: () => T, change: boolean): Promise<T> {
    const { cluster, line } = this;
    const { clock, random } = cluster;
    const failure = random.chance(line.failures) ? random.pick(['before', 'after'] as const) : undefined;
    if (change) line.crashPoint();
    line.signal.throwIfAborted();
    await clock.sleep(random.between(1, 15));
    if (cut() || failure === 'before') {
      await clock.sleep(failure === 'before' ? 5 : TIMEOUT_MS);
      throw new Error('no answer');
    }
    const result = carryOut();
    await clock.sleep(random.between(1, 15));
    if (change) line.crashPoint();
    line.signal.throwIfAborted();
    if (cut() || failure === 'after') throw new Error('no answer, although it was carried out');
    return result;
  }
}

/** The API server as one healer reaches it. */
export class SimApi extends Connection implements ClusterApi {
  readonly #cut = (): boolean => this.line.apiCut;

  async readNode(name: string): Promise<NodeObject | undefined> {
    return await this.request(this.#cut, () => this.cluster.nodes.get(name), false);
  }

  async readNodeLease(name: string): Promise<LeaseObject | undefined> {
    return await this.request(this.#cut, () => this.cluster.leases.get(name), false);
  }

  async patchNode(name: string, patch: readonly PatchOperation[]): Promise<NodeObject> {
    const leading = this.line.leading();
    return await this.request(
      this.#cut,
      () => {
        this.line.beforePatch(name);
        const before = this.cluster.nodes.get(name);
        const after = this.cluster.patchNode(name, patch);
        this.referee.patched(this.line.healer, leading, before, after);
        return after;
      },
      true,
    );
  }

  async deleteNode(name: string, uid: string): Promise<void> {
    const leading = this.line.leading();
    await this.request(
      this.#cut,
      () => {
        const node = this.cluster.nodes.get(name);
        if (node !== undefined && node.metadata.uid === uid)
          this.referee.nodeDeleted(this.line.healer, leading, node);
        this.cluster.deleteNode(name, uid);
      },
      true,
    );
  }

  async listPodsOnNode(name: string): Promise<readonly PodObject[]> {
    return await this.request(
      this.#cut,
      () => [...this.cluster.pods.values()].filter((pod) => pod.spec?.nodeName === name),
      false,
    );
  }

  async listPodsIn(namespace: string): Promise<readonly PodObject[]> {
    return await this.request(
      this.#cut,
      () => [...this.cluster.pods.values()].filter((pod) => pod.metadata.namespace === namespace),
      false,
    );
  }

  async deletePod(pod: PodIdentity): Promise<void> {
    const leading = this.line.leading();
    await this.request(
      this.#cut,
      () => {
        const found = this.cluster.pods.get(pod.uid);
        if (found === undefined) return;
        this.referee.podDeleted(this.line.healer, leading, found);
        this.cluster.deletePod(pod.uid);
      },
      true,
    );
  }

  evictPod(): Promise<EvictionAnswer> {
    return Promise.reject(new Error('no node of this simulation is drained'));
  }

  async readLedger(): Promise<ConfigMapObject | undefined> {
    return await this.request(this.#cut, () => this.cluster.ledger, false);
  }

  async writeLedger(
    before: ConfigMapObject | undefined,
    data: Readonly<Record<string, string>>,
  ): Promise<ConfigMapObject> {
    return await this.request(this.#cut, () => this.cluster.writeLedger(before, data), true);
  }
}

/** The machine interface as one healer reaches it; acts once for each attempt, as the protocol asks. */
export class SimMachines extends Connection implements MachineInterface {
  readonly #cut = (): boolean => this.line.machinesCut;
  /** When the machine interface stops refusing every call with 429. */
  static throttledUntilMs = new WeakMap<SimCluster, number>();
  static readonly replacements = new WeakMap<SimCluster, Map<string, string>>();
  static readonly powerOffs = new WeakMap<SimCluster, Set<string>>();

  async states(): Promise<ReadonlyMap<string, MachineState>> {
    return await this.request(
      this.#cut,
      () => {
        this.#throttle();
        const observedAtMs = this.cluster.clock.now().wallMs;
        const machines = [...this.cluster.machines.values()].filter((machine) => !machine.retired);
        return new Map(
          machines.map(({ name, powered, claims }) => [
            name,
            { node: name, state: claims ?? (powered ? ('on' as const) : ('off' as const)), observedAtMs },
          ]),
        );
      },
      false,
    );
  }

  async powerOff(node: string, attempt: string): Promise<MachineState> {
    const leading = this.line.leading();
    const { diskFull } = this.line;
    return await this.request(
      this.#cut,
      () => {
        this.#throttle();
        const machine = this.#machine(node);
        const { clock } = this.cluster;
        const done = SimMachines.powerOffs.get(this.cluster) ?? new Set();
        SimMachines.powerOffs.set(this.cluster, done);
        if (!done.has(attempt)) {
          done.add(attempt);
          if (diskFull) this.referee.unaudited(this.line.healer, node);
          this.referee.poweredOff(this.line.healer, leading, machine, attempt);
          this.cluster.setPower(machine, false);
          machine.claims = undefined;
          const returnsAfterMs = machine.powerReturnsAfterMs.shift();
          if (returnsAfterMs !== undefined)
            clock.after(returnsAfterMs, () => this.cluster.setPower(machine, true));
        }
        const state = machine.powered ? ('on' as const) : ('off' as const);
        return { node, state, observedAtMs: clock.now().wallMs };
      },
      true,
    );
  }

  async replace(node: string, attempt: string): Promise<ReplaceResult> {
    const leading = this.line.leading();
    return await this.request(
      this.#cut,
      () => {
        this.#throttle();
        const answers = SimMachines.replacements.get(this.cluster) ?? new Map<string, string>();
        SimMachines.replacements.set(this.cluster, answers);
        const known = answers.get(attempt);
        if (known !== undefined) return { node, replacement: known };
        const machine = this.#machine(node);
        this.referee.replaced(this.line.healer, leading, machine, attempt);
        machine.retired = true;
        machine.powered = false;
        const replacement = this.cluster.addMachine();
        answers.set(attempt, replacement);
        return { node, replacement };
      },
      true,
    );
  }

  #machine(node: string) {
    const machine = this.cluster.machines.get(node);
    if (machine === undefined || machine.retired) {
      throw new MachineError('machines.unknown-machine', `no machine ${node}`, { status: 404 });
    }
    return machine;
  }

  #throttle(): void {
    if (this.cluster.nowMs < (SimMachines.throttledUntilMs.get(this.cluster) ?? 0)) {
      throw new MachineError('machines.throttled', 'too many requests', { status: 429, retryAfterMs: 1000 });
    }
  }
}
