import { rmSync } from 'node:fs';
import { FiredrillError } from '../../../harness/core/errors.ts';
import { InTurn } from '../../../harness/core/in-turn.ts';
import type { NodeRole } from '../../cluster.ts';
import type { NodeInspection } from '../../machines/inspection.ts';
import { Cable } from './cable.ts';
import { cgroupTree } from './cgroup-tree.ts';
import { MachineCgroup } from './cgroups.ts';
import type { DiskFactory } from './disk.ts';
import { writeMachineFiles } from './machine-files.ts';
import { MachineProcess, initLogTail } from './machine-process.ts';
import { nodeAddress } from './network-plan.ts';

/**
 * The probe and Prometheus stand for machines that the drill does not touch. Where all share two processors they go
 * first, or the harness would measure its own waiting.
 */
const INFRA_CPU_WEIGHT = 8;

interface MachineOptions {
  readonly clusterDirectory: string;
  readonly name: string;
  readonly ordinal: number;
  readonly zone: string;
  readonly role: NodeRole;
  /** The machine's own directory below the cluster's state. */
  readonly directory: string;
  /** Hidden from the node. */
  readonly stateRoot: string;
  readonly binaries: Readonly<Record<string, string>>;
  readonly pauseImage: string;
  readonly disks: DiskFactory;
  /** Files of the node's configuration that the cluster's authority makes: certificates and kubeconfigs. */
  readonly credentials: Readonly<Record<string, string>>;
}

type PowerState = 'off' | 'booting' | 'on' | 'retired';

/** One node as a machine: power, freezer, cable. What Kubernetes believes of it is Kubernetes' business. */
export class Machine {
  readonly name: string;
  readonly zone: string;
  readonly role: NodeRole;
  readonly ordinal: number;
  readonly address: string;
  readonly #options: MachineOptions;
  readonly #cgroup: MachineCgroup;
  readonly #cable: Cable;
  #power: PowerState = 'off';
  #cableOut = false;
  #fenced = false;
  #isNew = true;
  #process: MachineProcess | undefined;
  /** Power verbs of one machine run one after the other. */
  readonly #turns = new InTurn();

  constructor(options: MachineOptions) {
    this.#options = options;
    this.name = options.name;
    this.zone = options.zone;
    this.role = options.role;
    this.ordinal = options.ordinal;
    this.address = nodeAddress(options.ordinal);
    this.#cable = new Cable(options.ordinal);
    this.#cgroup = new MachineCgroup(
      options.clusterDirectory,
      options.name,
      options.role === 'infra' ? INFRA_CPU_WEIGHT : 1,
    );
  }

  get power(): 'on' | 'off' {
    return this.#power === 'on' || this.#power === 'booting' ? 'on' : 'off';
  }
  get group(): string {
    return this.#cgroup.kubeletRoot;
  }
  get frozen(): boolean {
    return this.#cgroup.isFrozen();
  }
  /** Whether it was switched off through the machine interface since it was last on. */
  get fenced(): boolean {
    return this.#fenced;
  }
  get cableOut(): boolean {
    return this.#cableOut;
  }
  /** Pid of the node's first process, as the host sees it; 0 while the power is off. */
  get initPid(): number {
    return this.#process?.initPid ?? 0;
  }
  get directory(): string {
    return this.#options.directory;
  }

  /** Writes the configuration and makes the disk. Needs neither network nor API server. */
  prepare(): Promise<void> {
    return this.#turns.do(() => this.#prepare());
  }

  async #prepare(): Promise<void> {
    // A cluster that goes down may retire a machine before it was made; then nothing of it must appear afterwards.
    if (this.#power === 'retired')
      throw new FiredrillError('machine.retired', `${this.name} was retired before it was ready`);
    const { directory, ordinal, role, pauseImage, credentials, disks } = this.#options;
    await writeMachineFiles({
      directory,
      credentials,
      disks,
      config: {
        ordinal,
        pauseImage,
        infra: role === 'infra',
        cgroupRoot: this.#cgroup.kubeletRoot,
        cgroupVersion: cgroupTree().version,
      },
    });
  }

  powerOn(): Promise<void> {
    return this.#turns.do(() => this.#boot());
  }

  /** Cuts the power: every process of the node is killed at once; resolves when none is left. */
  powerOff(options: { fenced?: boolean } = {}): Promise<void> {
    return this.#turns.do(async () => {
      if (options.fenced === true) this.#fenced = true;
      await this.#cutPower();
    });
  }

  /** Powers off for good; the machine never starts again and its files are gone. */
  retire(): Promise<void> {
    return this.#turns.do(async () => {
      await this.#cutPower();
      this.#power = 'retired';
      rmSync(this.#options.directory, { recursive: true, force: true });
    });
  }

  freeze(): Promise<void> {
    return this.#turns.do(async () => {
      this.#requireOn('freeze');
      await this.#cgroup.freeze();
    });
  }

  thaw(): Promise<void> {
    return this.#turns.do(() => this.#cgroup.thaw());
  }

  setCable(state: 'in' | 'out'): Promise<void> {
    return this.#turns.do(async () => {
      if (this.#power !== 'on') {
        if (state === 'out') this.#requireOn('pull the cable of');
        this.#cableOut = false;
        return;
      }
      await this.#cable.set(state);
      this.#cableOut = state === 'out';
    });
  }

  /** Starts the kubelet and the kube-proxy; apart from the boot, since images have to be there first. */
  startKubernetes(): void {
    for (const program of ['kubelet', 'kube-proxy']) {
      this.#requireOn(`start ${program} on`);
      this.#process?.start(program);
    }
  }

  async inspect(): Promise<NodeInspection> {
    const cable = await this.#cable.look();
    return {
      node: this.name,
      exists: this.#power !== 'retired',
      processes: this.#cgroup.processes().length,
      frozen: this.frozen,
      cable,
      fenced: this.#fenced,
      isNew: this.#isNew,
    };
  }

  #requireOn(verb: string): void {
    if (this.#power === 'on') return;
    throw new FiredrillError('machine.not-on', `cannot ${verb} ${this.name}: its power is ${this.#power}`);
  }

  async #boot(): Promise<void> {
    if (this.#power === 'on') return;
    if (this.#power === 'retired') {
      throw new FiredrillError('machine.retired', `${this.name} was retired and never starts again`);
    }
    this.#power = 'booting';
    try {
      const machine = new MachineProcess({
        ...this.#options,
        address: this.address,
        cgroupProcs: this.#cgroup.create(),
      });
      this.#process = machine;
      await machine.booted();
      await this.#cable.connect(machine.namespacePid);
      this.#cableOut = false;
      this.#power = 'on';
      this.#fenced = false;
      this.#isNew = false;
      void machine.ended.then(() => {
        if (this.#process === machine && this.#power === 'on') this.#power = 'off';
      });
    } catch (cause) {
      await this.#cutPower();
      throw new FiredrillError('machine.boot-failed', `${this.name} did not boot`, {
        cause,
        hint: initLogTail(this.directory) || 'its first process said nothing',
      });
    }
  }

  async #cutPower(): Promise<void> {
    if (this.#process !== undefined) {
      this.#process.kill();
      // A frozen process takes no signal before it is thawed, and then dies of it first of all.
      await this.#cgroup.thaw();
      await this.#process.ended;
      this.#process = undefined;
    }
    if (this.#power !== 'retired') this.#power = 'off';
    this.#cableOut = false;
    await this.#cable.remove();
    await this.#cgroup.remove();
  }
}
