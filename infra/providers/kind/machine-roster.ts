import { FiredrillError } from '../../../harness/core/errors.ts';
import { InTurn } from '../../../harness/core/in-turn.ts';
import { KindMachine, type MachineTools } from './kind-machine.ts';
import { plannedNodes, workerName } from './kind-plan.ts';
import type { ClusterSpec } from '../../cluster.ts';

/** Which machines a cluster has, and had; and whose turn it is with each. */
export class MachineRoster {
  readonly controlPlane: string;
  readonly #cluster: string;
  readonly #machines: Map<string, KindMachine>;
  readonly #retired = new Set<string>();
  readonly #turns = new Map<string, InTurn>();
  #lastOrdinal: number;

  constructor(spec: ClusterSpec, tools: MachineTools) {
    const planned = plannedNodes(spec);
    this.#cluster = spec.name;
    this.#machines = new Map(planned.map((node) => [node.name, new KindMachine(node, tools)]));
    this.#lastOrdinal = planned.length - 1;
    this.controlPlane = planned.find(({ role }) => role === 'control-plane')?.name ?? '';
  }

  /** Those that there are, by name. */
  get machines(): ReadonlyMap<string, KindMachine> {
    return this.#machines;
  }

  /** All but the control plane. */
  get workers(): readonly KindMachine[] {
    return [...this.#machines.values()].filter(({ role }) => role !== 'control-plane');
  }

  isRetired(node: string): boolean {
    return this.#retired.has(node);
  }

  /** @throws FiredrillError `node.unknown` */
  get(node: string): KindMachine {
    const machine = this.#machines.get(node);
    if (machine !== undefined) return machine;
    throw new FiredrillError('node.unknown', `no machine ${node} in cluster ${this.#cluster}`, {
      hint: `the machines are ${[...this.#machines.keys()].join(', ')}`,
    });
  }

  /** @throws FiredrillError `node.unknown`, `machine.control-plane` */
  requireWorker(node: string): KindMachine {
    const machine = this.get(node);
    if (machine.role !== 'control-plane') return machine;
    throw new FiredrillError(
      'machine.control-plane',
      `${node} is the only control plane: the machine interface leaves it alone`,
    );
  }

  /** For one more machine: names are never used again. */
  nextName(): string {
    return workerName(this.#cluster, ++this.#lastOrdinal);
  }

  /** The machine is gone for good, and another one has come in its place. */
  exchange(retired: string, machine: KindMachine): void {
    this.#machines.delete(retired);
    this.#retired.add(retired);
    this.#machines.set(machine.name, machine);
  }

  /** What is done to one machine is done in turn. */
  inTurn<T>(node: string, work: () => Promise<T>): Promise<T> {
    const turns = this.#turns.get(node) ?? new InTurn();
    this.#turns.set(node, turns);
    return turns.do(work);
  }
}
