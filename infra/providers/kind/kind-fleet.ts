import type { ClusterNode, NodeInspection } from '../../cluster.ts';
import type { NodeVerb } from '../../supervisor/control-door.ts';
import type { MachineBackend } from '../../supervisor/machine-door.ts';
import type { LoadImages } from '../../supervisor/protocol.ts';
import type { SupervisedMachines } from '../../supervisor/supervised-cluster.ts';
import { favourInfra } from './favour-infra.ts';
import { FleetDoor } from './fleet-door.ts';
import { fleetParts, type FleetParts, type KindFleetOptions } from './fleet-parts.ts';
import { FleetReplacements } from './fleet-replacements.ts';
import { KUBEADM_FILE } from './join-configuration.ts';
import { performVerb } from './perform-verb.ts';

/** The containers of one kind cluster as machines, and what can be done to them; also what the machine door opens to. */
export class KindFleet implements SupervisedMachines {
  readonly doorBackend: MachineBackend;
  readonly #parts: FleetParts;
  readonly #replacements: FleetReplacements;

  constructor(options: KindFleetOptions) {
    this.#parts = fleetParts(options);
    this.#replacements = new FleetReplacements(this.#parts);
    this.doorBackend = new FleetDoor(this.#parts, this.#replacements);
  }

  get controlPlane(): string {
    return this.#parts.roster.controlPlane;
  }

  has(node: string): boolean {
    return this.#parts.roster.machines.has(node);
  }

  nodes(): readonly ClusterNode[] {
    const { roster, view } = this.#parts;
    return [...roster.machines.values()].map((machine) => ({
      name: machine.name,
      zone: machine.zone,
      role: machine.role,
      address: machine.address,
      power: view.silence === undefined ? machine.power : 'unknown',
      frozen: machine.seen.frozen,
      cableOut: machine.cableOut,
    }));
  }

  /** Whoever asks at the same time shares one question to the engine. */
  async inspect(node: string): Promise<NodeInspection> {
    const { roster, view } = this.#parts;
    if (roster.isRetired(node)) return retired(node);
    roster.get(node);
    await this.look();
    const { silence } = view;
    if (silence !== undefined) throw silence;
    // It may have been replaced meanwhile.
    if (roster.isRetired(node)) return retired(node);
    const machine = roster.get(node);
    const { power, frozen, network } = machine.seen;
    return {
      node,
      exists: true,
      // Where the kernel shows none, the engine's word counts: its first process runs.
      processes: power === 'on' ? Math.max(1, machine.processes) : 0,
      frozen,
      cable: power === 'off' ? 'absent' : network === undefined ? 'out' : 'in',
      fenced: machine.fenced,
    };
  }

  act(node: string, verb: NodeVerb): Promise<NodeInspection> {
    const { roster } = this.#parts;
    return roster.inTurn(node, async () => {
      await performVerb(roster.get(node), verb, this.#parts);
      return await this.inspect(node);
    });
  }

  async replace(node: string): Promise<string> {
    return (await this.#replacements.replace(node)).replacement;
  }

  async loadImages({ images, nodes }: LoadImages): Promise<string[]> {
    const { roster, images: archives } = this.#parts;
    if (nodes === undefined) archives.remember(images);
    // Nothing of ours runs on the control plane.
    const wanted = nodes === undefined ? roster.workers : nodes.map((node) => roster.get(node));
    await this.look();
    const able = wanted.filter(({ power, seen }) => power === 'on' && !seen.frozen);
    await archives.loadThese(
      able.map(({ name }) => name),
      images,
    );
    return images.map(({ reference }) => reference);
  }

  /** Reads how all machines are; see `FleetView`. */
  look(): Promise<void> {
    return this.#parts.view.look();
  }

  /** See `favourInfra`. */
  favourInfra(): Promise<void> {
    return favourInfra(this.#parts.roster.workers, this.#parts);
  }

  /** Keeps what a replacement will need of each node, which nobody can read of a machine that is off. */
  async readKubeadm(): Promise<void> {
    const { engine, roster } = this.#parts;
    await Promise.all(
      roster.workers.map(async (machine) => {
        machine.kubeadm = await engine.exec(machine.name, ['cat', KUBEADM_FILE]);
      }),
    );
  }
}

function retired(node: string): NodeInspection {
  return { node, exists: false, processes: 0, frozen: false, cable: 'absent', fenced: true };
}
