import type { Duplex } from 'node:stream';
import type { Hold, Cluster, ClusterNode, Footprint, UndoneAnswer } from '../../infra/cluster.ts';
import type { NodeInspection } from '../../infra/machines/inspection.ts';
import { forEachVerb, type MachineVerb } from '../../infra/machines/verbs.ts';
import type { LivenessConnection, PodAccess } from '../faults/injector.ts';
import type { ClusterSnapshot } from '../faults/targets/cluster-snapshot.ts';

interface FakeMachine {
  processes: number;
  frozen: boolean;
  cable: 'in' | 'out';
  fenced: boolean;
  exists: boolean;
}

const CHANGES: Readonly<Record<MachineVerb, Partial<FakeMachine>>> = {
  'power-off': { processes: 0 },
  'power-on': { processes: 12, frozen: false, fenced: false },
  freeze: { frozen: true },
  thaw: { frozen: false },
  'cable-out': { cable: 'out' },
  'cable-in': { cable: 'in' },
};

/**
 * A cluster of three workers that exists in memory only: for pure tests of a trial's life, never in place of the
 * real one where a test is about Kubernetes. Its machines do what they are told unless `deaf`.
 */
export class FakeCluster implements Cluster {
  readonly name = 'fake';
  readonly provider = 'fake';
  readonly uid = 'uid-fake';
  readonly kubernetesVersion = 'v1.36.3';
  readonly machineProfile = 'bmc';
  readonly kubeconfigPath = '/nowhere';
  readonly software = [];
  readonly deviations = [];
  readonly kube = { server: 'https://127.0.0.1:1' };
  /** Every call that changes something, in order. */
  readonly calls: string[] = [];
  /** Undos that the hold holds, by key. */
  readonly safe = new Map<string, string>();
  /** When true, machines acknowledge and do nothing: a fault that does not bite. */
  deaf = false;
  readonly #machines = new Map<string, FakeMachine>(
    ['node-1', 'node-2', 'node-3'].map((name) => [
      name,
      { processes: 12, frozen: false, cable: 'in', fenced: false, exists: true },
    ]),
  );

  readonly machines: Cluster['machines'] = {
    ...forEachVerb((verb) => (node: string) => this.#act(verb, node, CHANGES[verb])),
    replace: async (node) => {
      await this.#act('replace', node, { exists: false, processes: 0 });
      return `${node}-new`;
    },
    inspect: (node) => Promise.resolve(this.#inspect(node)),
  };

  readonly held: Pick<Hold, 'registerUndo' | 'forgetUndo'> = {
    registerUndo: (key, undo) => {
      this.calls.push(`register ${undo.verb} ${String(undo.args['node'])}`);
      this.safe.set(key, undo.verb);
      return Promise.resolve();
    },
    forgetUndo: (key) => {
      this.safe.delete(key);
      return Promise.resolve();
    },
  };

  /** UIDs of pods that were killed; each pod's machine is part of its name. */
  readonly killed = new Set<string>();
  readonly pods: PodAccess = {
    askable: ({ name }) => Promise.resolve({ address: name, port: 80, path: '/' }),
    openLine: ({ address }) =>
      Promise.resolve({
        ask: () =>
          this.killed.has(`uid-${address}`)
            ? Promise.reject(new Error('connection closed'))
            : Promise.resolve(),
        close: () => undefined,
      }),
    exists: ({ uid }) => Promise.resolve(!this.killed.has(uid)),
    kill: ({ name, uid }) => {
      this.calls.push(`kill ${name}`);
      if (!this.deaf) this.killed.add(uid);
      return Promise.resolve();
    },
  };

  /** What a healer does: the machine is off, and stays off. */
  fence(node: string): void {
    Object.assign(this.#machine(node), { processes: 0, frozen: false, fenced: true });
  }

  footprint(): Promise<Footprint> {
    return Promise.resolve({ nodeGroups: {}, processes: [] });
  }

  can(capability: string): { readonly yes: true } | { readonly yes: false; readonly reason: string } {
    return capability.startsWith('node.') ? { yes: true } : { yes: false, reason: 'it is a fake' };
  }

  nodes(): Promise<readonly ClusterNode[]> {
    return Promise.resolve(
      [...this.#machines].map(([name, machine], index) => ({
        name,
        zone: `zone-${index + 1}`,
        role: 'worker' as const,
        address: name,
        power: machine.processes > 0 ? ('on' as const) : ('off' as const),
        frozen: machine.frozen,
        cableOut: machine.cable === 'out',
      })),
    );
  }

  /** A line to a kubelet that answers while its machine is well. */
  openLivenessConnection(node: string): Promise<LivenessConnection> {
    return Promise.resolve({
      ask: () => {
        const { processes, frozen, cable } = this.#machine(node);
        const alive = processes > 0 && !frozen && cable === 'in';
        return alive ? Promise.resolve() : Promise.reject(new Error('no answer within 300 ms'));
      },
      close: () => undefined,
    });
  }

  /** Two replicas of a shop on every node. */
  snapshot(): ClusterSnapshot {
    return {
      granted: true,
      nodes: [...this.#machines.keys()].map((name, index) => ({
        name,
        uid: `uid-${name}`,
        zone: `zone-${index + 1}`,
        role: 'worker',
        labels: {},
        ready: this.#machine(name).processes > 0,
      })),
      pods: [...this.#machines.keys()].flatMap((node) =>
        ['a', 'b'].map((suffix) => ({
          namespace: 'storefront',
          name: `web-${node}-${suffix}`,
          uid: `uid-web-${node}-${suffix}`,
          labels: { app: 'storefront' },
          node,
          ready: true,
          owner: 'ReplicaSet/web',
        })),
      ),
    };
  }

  loadImages(): Promise<readonly []> {
    return Promise.resolve([]);
  }
  connect(): Promise<Duplex> {
    return Promise.reject(new Error('a fake cluster has no network'));
  }
  hold(): Promise<Hold> {
    return Promise.resolve({ id: 'c1', lost: undefined, release: () => Promise.resolve(), ...this.held });
  }
  async *auditEvents(): AsyncIterable<Record<string, unknown>> {}
  async *machineEvents(): AsyncIterable<never> {}
  undone(): Promise<UndoneAnswer> {
    return Promise.resolve({ undone: [], holds: [] });
  }
  collectLogs(): Promise<void> {
    return Promise.resolve();
  }
  destroy(): Promise<void> {
    return Promise.resolve();
  }

  #act(verb: string, node: string, change: Partial<FakeMachine>): Promise<void> {
    this.calls.push(`${verb} ${node}`);
    if (!this.deaf) Object.assign(this.#machine(node), change);
    return Promise.resolve();
  }

  #inspect(node: string): NodeInspection {
    return { node, ...this.#machine(node) };
  }

  #machine(node: string): FakeMachine {
    const machine = this.#machines.get(node);
    if (machine === undefined) throw new Error(`no machine ${node}`);
    return machine;
  }
}
