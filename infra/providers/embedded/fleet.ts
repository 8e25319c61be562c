import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FiredrillError } from '../../../harness/core/errors.ts';
import { createRng } from '../../../harness/core/seed.ts';
import type { MachineState, ReplaceResult } from '../../machines/protocol.ts';
import type { ClusterNode } from '../../cluster.ts';
import { retiredMachine, type NodeInspection } from '../../machines/inspection.ts';
import type { MachineVerb } from '../../machines/verbs.ts';
import type { ClusterPaths } from '../../supervisor/cluster-directory.ts';
import type { MachineBackend } from '../../supervisor/machine-door.ts';
import type { LoadImages } from '../../supervisor/protocol.ts';
import { nodeCredentials } from './credentials.ts';
import { copiesOf, SharedDisk } from './disk.ts';
import { ImageStore } from './image-store.ts';
import { NODE_TOOLS, type LaunchPlan } from './launch.ts';
import { Machine } from './machine.ts';
import { MACHINES_MAX, nodeAddress } from './network-plan.ts';
import type { CertificateAuthority } from '../../supervisor/pki.ts';
import { PowerCuts } from '../../supervisor/power-cuts.ts';
import { Replacements } from '../../supervisor/replacements.ts';

interface FleetOptions {
  readonly plan: LaunchPlan;
  readonly paths: ClusterPaths;
  /** Signs the nodes' certificates; throws before there is one. */
  readonly authority: () => CertificateAuthority;
  /** Aborts when the cluster goes down: no machine is made after that. */
  readonly signal: AbortSignal;
}

export interface PlannedMachine {
  readonly name: string;
  readonly zone: string;
  readonly role: 'worker' | 'infra';
}

/** The machines of one cluster, and what can be done to them; also what the machine door opens to. */
export class Fleet implements MachineBackend {
  readonly #options: FleetOptions;
  readonly #machines = new Map<string, Machine>();
  readonly #images: ImageStore;
  readonly #imageFiles: SharedDisk;
  readonly #powerCuts: PowerCuts;
  readonly #replacements = new Replacements<Machine>(
    (node) => this.#exchange(node),
    async (machine) => {
      await this.boot(machine);
      machine.startKubernetes();
    },
  );
  #lastOrdinal = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#powerCuts = new PowerCuts(options.plan.spec.machineProfile, createRng(options.plan.seed));
    this.#images = new ImageStore(options.plan.images, options.plan.tools.ctr);
    // Where node-init.sh looks for it.
    const folder = join(options.paths.directory, 'images');
    this.#imageFiles = new SharedDisk(options.plan.goldenDisks.images, folder);
  }

  /** In the order in which they were planned: which one is registered first depends on whose key was made first. */
  get all(): readonly Machine[] {
    return [...this.#machines.values()].toSorted((one, other) => one.ordinal - other.ordinal);
  }

  /** Of the machines that are on, by name. */
  get nodeGroups(): Readonly<Record<string, string>> {
    const on = [...this.#machines.values()].filter(({ power }) => power === 'on');
    return Object.fromEntries(on.map(({ name, group }) => [name, group]));
  }

  has(node: string): boolean {
    return this.#machines.has(node);
  }

  find(node: string): Machine | undefined {
    return this.#machines.get(node);
  }

  /** @throws FiredrillError `node.unknown` */
  get(node: string): Machine {
    const machine = this.#machines.get(node);
    if (machine === undefined) {
      const { name } = this.#options.plan.spec;
      throw new FiredrillError('node.unknown', `no machine ${node} in cluster ${name}`, {
        hint: `the machines are ${[...this.#machines.keys()].join(', ')}`,
      });
    }
    return machine;
  }

  /** Makes a machine that is switched off; where that fails, nothing of it stays. */
  async add(node: PlannedMachine): Promise<Machine> {
    const { plan, paths, authority, signal } = this.#options;
    const ordinal = ++this.#lastOrdinal;
    if (ordinal > MACHINES_MAX) {
      throw new FiredrillError(
        'cluster.too-many-machines',
        `a cluster has at most ${MACHINES_MAX} machines, replaced ones included`,
      );
    }
    const address = nodeAddress(ordinal);
    const credentials = await nodeCredentials(authority(), { name: node.name, address });
    signal.throwIfAborted();
    const machine = new Machine({
      ...node,
      clusterDirectory: paths.directory,
      ordinal,
      directory: join(paths.nodes, node.name),
      stateRoot: dirname(paths.directory),
      binaries: Object.fromEntries(NODE_TOOLS.map((tool) => [tool, plan.tools[tool]])),
      pauseImage: plan.pauseImage,
      disks: copiesOf(plan.goldenDisks.node),
      credentials,
    });
    this.#machines.set(node.name, machine);
    try {
      await machine.prepare();
    } catch (error) {
      this.#machines.delete(node.name);
      await machine.retire();
      throw error;
    }
    return machine;
  }

  /** Power on, and every image that the cluster's nodes have. */
  async boot(machine: Machine): Promise<void> {
    await this.#imageFiles.mount();
    await machine.powerOn();
    await this.#images.importInto(machine);
  }

  nodes(): readonly ClusterNode[] {
    return this.all.map((machine) => ({
      name: machine.name,
      zone: machine.zone,
      role: machine.role,
      address: machine.address,
      power: machine.power,
      frozen: machine.frozen,
      cableOut: machine.cableOut,
    }));
  }

  async inspect(node: string): Promise<NodeInspection> {
    if (!this.has(node) && existsSync(this.#retirementOf(node))) {
      return retiredMachine(node);
    }
    return this.get(node).inspect();
  }

  async act(node: string, verb: MachineVerb): Promise<NodeInspection> {
    const machine = this.get(node);
    switch (verb) {
      case 'power-off':
        await this.#cutPower(machine, false);
        break;
      case 'power-on':
        if (machine.power === 'off') {
          await this.boot(machine);
          this.#powerCuts.forget(node);
          machine.startKubernetes();
        }
        break;
      case 'freeze':
        await machine.freeze();
        break;
      case 'thaw':
        await machine.thaw();
        break;
      case 'cable-out':
        await machine.setCable('out');
        break;
      case 'cable-in':
        await machine.setCable('in');
        break;
    }
    return machine.inspect();
  }

  async replace(node: string, attempt?: string): Promise<ReplaceResult> {
    const machine = await this.#replacements.replace(node, attempt);
    return { node, replacement: machine.name };
  }

  states(): readonly MachineState[] {
    return this.all.map((machine) => this.#powerCuts.stateOf(machine));
  }

  /** Fences: the machine stays off until somebody switches it on. */
  async powerOff(node: string, attempt: string): Promise<MachineState> {
    const machine = this.get(node);
    await this.#cutPower(machine, true);
    this.#powerCuts.asked(node, attempt);
    return this.#powerCuts.stateOf(machine);
  }

  async powerOn(node: string, undoOf: string): Promise<MachineState> {
    const machine = this.get(node);
    if (machine.power === 'off') {
      this.#powerCuts.requireLastAsked(node, undoOf);
      await this.act(node, 'power-on');
    }
    return this.#powerCuts.stateOf(machine);
  }

  async loadImages(request: LoadImages): Promise<string[]> {
    const names = request.nodes ?? [...this.#machines.keys()];
    if (request.nodes === undefined) this.#images.remember(request.images);
    const targets = names.map((name) => this.get(name)).filter((machine) => machine.power === 'on');
    await Promise.all(targets.map((machine) => this.#images.importThese(machine, request.images)));
    return request.images.map((image) => image.reference);
  }

  collectLogs(directory: string): void {
    for (const machine of this.all) {
      cpSync(join(machine.directory, 'logs'), join(directory, machine.name), { recursive: true });
      const podLogs = `/proc/${machine.initPid}/root/var/log/pods`;
      if (machine.initPid > 0 && existsSync(podLogs)) {
        cpSync(podLogs, join(directory, machine.name, 'pods'), { recursive: true });
      }
    }
  }

  /** Once no machine is left. */
  async unmountImages(): Promise<void> {
    await this.#imageFiles.unmount();
  }

  /** Retires every machine, also where one of them fails. */
  async retireAll(): Promise<void> {
    const results = await Promise.allSettled(this.all.map((machine) => machine.retire()));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** A new machine, switched off, in place of the old one, which is gone for good. */
  async #exchange(node: string): Promise<Machine> {
    const old = this.get(node);
    const role = old.role === 'infra' ? 'infra' : 'worker';
    const name = `${role === 'infra' ? 'infra' : 'node'}-${this.#lastOrdinal + 1}`;
    const machine = await this.add({ name, zone: old.zone, role });
    try {
      await old.retire();
    } catch (error) {
      this.#machines.delete(name);
      await machine.retire();
      throw error;
    }
    this.#machines.delete(node);
    this.#powerCuts.forget(node);
    writeFileSync(this.#retirementOf(node), '');
    return machine;
  }

  async #cutPower(machine: Machine, fenced: boolean): Promise<void> {
    this.#powerCuts.cut(machine);
    await machine.powerOff({ fenced });
  }

  #retirementOf(node: string): string {
    return join(this.#options.paths.directory, `retired-${node}`);
  }
}
