import { FiredrillError, messageOf } from '../../../harness/core/errors.ts';
import { createRng } from '../../../harness/core/seed.ts';
import type { ClusterNode } from '../../cluster.ts';
import { retiredMachine, type NodeInspection } from '../../machines/inspection.ts';
import { MACHINE_VERBS, type MachineVerb } from '../../machines/verbs.ts';
import type { ContainerEngine } from '../../engine/engine.ts';
import type { MachineState, ReplaceResult } from '../../machines/protocol.ts';
import type { MachineBackend } from '../../supervisor/machine-door.ts';
import { PowerCuts } from '../../supervisor/power-cuts.ts';
import type { LoadImages } from '../../supervisor/protocol.ts';
import { Replacements } from '../../supervisor/replacements.ts';
import type { SupervisedMachines } from '../../supervisor/supervised-cluster.ts';
import { FleetView } from './fleet-view.ts';
import { ImageArchives } from './image-archives.ts';
import { KUBEADM_FILE } from './join-configuration.ts';
import { KindCli } from './kind-cli.ts';
import type { KindMachine } from './kind-machine.ts';
import { kindName, type KindPlan } from './kind-plan.ts';
import { MachineRoster } from './machine-roster.ts';
import {
  exchangeMachine,
  joinCluster,
  leaveCluster,
  untilBooted,
  type ReplacementTools,
} from './replace-machine.ts';

/** Eight times what a container has by itself; the same as on an embedded cluster. */
const INFRA_CPU_SHARES = 8 * 1024;

interface KindFleetOptions {
  readonly plan: KindPlan;
  readonly engine: ContainerEngine;
  /** Where archives of images are kept. */
  readonly imageDirectory: string;
  readonly log: (text: string) => void;
  /** Aborts when the cluster goes down. */
  readonly signal: AbortSignal;
}

/** The containers of one kind cluster as machines, and what can be done to them. */
export class KindFleet implements SupervisedMachines {
  /** What the machine interface may do: all but the control plane, without which there is no cluster to heal. */
  readonly doorBackend: MachineBackend = {
    states: () => this.#states(),
    powerOff: (node, attempt) => this.#fence(node, attempt),
    powerOn: (node, undoOf) => this.#unfence(node, undoOf),
    replace: (node, attempt) =>
      this.#plan.cannotReplace === undefined ? this.#replace(node, attempt) : this.#restartClean(node),
  };
  readonly #plan: KindPlan;
  readonly #log: (text: string) => void;
  readonly #engine: ContainerEngine;
  readonly #roster: MachineRoster;
  readonly #view: FleetView;
  readonly #images: ImageArchives;
  readonly #powerCuts: PowerCuts;
  readonly #tools: ReplacementTools;
  readonly #replacements = new Replacements<KindMachine>(
    (node) => this.#exchange(node),
    (machine) => this.#join(machine),
  );

  constructor({ plan, engine, imageDirectory, log, signal }: KindFleetOptions) {
    const { spec, kindPath, seed } = plan;
    const kindCluster = kindName(spec.name);
    const cli = new KindCli(kindPath, engine);
    const roster = new MachineRoster(spec, { engine, log });
    this.#plan = plan;
    this.#log = log;
    this.#engine = engine;
    this.#roster = roster;
    this.#powerCuts = new PowerCuts(spec.machineProfile, createRng(seed));
    this.#view = new FleetView({
      engine,
      kindCluster,
      machines: roster.machines,
      // It may have lost its power by somebody else's hand.
      onSeen: (machine, seen) => seen.power === 'off' && this.#powerCuts.cut(machine),
      log,
    });
    this.#images = new ImageArchives(imageDirectory, (archive, nodes) =>
      cli.loadArchive(kindCluster, archive, nodes),
    );
    this.#tools = { engine, log, cluster: spec.name, controlPlane: roster.controlPlane, signal };
  }

  get controlPlane(): string {
    return this.#roster.controlPlane;
  }

  has(node: string): boolean {
    return this.#roster.machines.has(node);
  }

  nodes(): readonly ClusterNode[] {
    return [...this.#roster.machines.values()].map((machine) => ({
      name: machine.name,
      zone: machine.zone,
      role: machine.role,
      address: machine.address,
      power: this.#view.silence === undefined ? machine.power : 'unknown',
      frozen: machine.seen.frozen,
      cableOut: machine.isUnplugged,
    }));
  }

  /** Whoever asks at the same time shares one question to the engine. */
  async inspect(node: string): Promise<NodeInspection> {
    if (this.#roster.isRetired(node)) return retiredMachine(node);
    this.#roster.get(node);
    await this.look();
    const { silence } = this.#view;
    if (silence !== undefined) throw silence;
    // It may have been replaced meanwhile.
    if (this.#roster.isRetired(node)) return retiredMachine(node);
    const machine = this.#roster.get(node);
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

  act(node: string, verb: MachineVerb): Promise<NodeInspection> {
    return this.#roster.inTurn(node, async () => {
      await this.#perform(this.#roster.get(node), verb);
      return await this.inspect(node);
    });
  }

  async replace(node: string): Promise<string> {
    return (await this.#replace(node)).replacement;
  }

  async loadImages({ images, nodes }: LoadImages): Promise<string[]> {
    if (nodes === undefined) this.#images.remember(images);
    // Nothing of ours runs on the control plane.
    const wanted = nodes === undefined ? this.#roster.workers : nodes.map((node) => this.#roster.get(node));
    await this.look();
    const able = wanted.filter(({ power, seen }) => power === 'on' && !seen.frozen);
    await this.#images.loadThese(
      able.map(({ name }) => name),
      images,
    );
    return images.map(({ reference }) => reference);
  }

  /** Reads how all machines are; see `FleetView`. */
  look(): Promise<void> {
    return this.#view.look();
  }

  /**
   * Infra nodes stand for machines that a drill does not touch: on few processors the probe would otherwise measure its
   * own waiting. An engine that cannot weigh its containers is used as it is.
   */
  async favourInfra(machines: readonly KindMachine[] = this.#roster.workers): Promise<void> {
    for (const { name } of machines.filter(({ role }) => role === 'infra')) {
      try {
        await this.#engine.call(['update', '--cpu-shares', String(INFRA_CPU_SHARES), name]);
      } catch (error) {
        this.#log(`${name} has no more of the processors than others: ${messageOf(error)}`);
      }
    }
  }

  /** Keeps what a replacement will need of each node, which nobody can read of a machine that is off. */
  async readKubeadm(): Promise<void> {
    await Promise.all(
      this.#roster.workers.map(async (machine) => {
        machine.kubeadm = await this.#engine.exec(machine.name, ['cat', KUBEADM_FILE]);
      }),
    );
  }

  /** Does one thing to a machine, with all that has to be known or done because of it. */
  async #perform(machine: KindMachine, verb: MachineVerb): Promise<void> {
    if (verb === 'power-off') this.#powerCuts.cut(machine);
    await machine[MACHINE_VERBS[verb].method]();
    if (verb !== 'power-on') return;
    this.#powerCuts.forget(machine.name);
    await untilBooted(machine, this.#tools);
    if (machine.role !== 'control-plane') await this.#images.loadInto(machine.name);
  }

  #states(): MachineState[] {
    const states = this.#roster.workers.map((machine) => this.#powerCuts.stateOf(machine));
    return this.#view.silence === undefined
      ? states
      : states.map((state) => ({ ...state, state: 'unknown' }));
  }

  /** The machine stays off until somebody switches it on. */
  #fence(node: string, attempt: string): Promise<MachineState> {
    return this.#roster.inTurn(node, async () => {
      const machine = this.#roster.requireWorker(node);
      machine.fenced = true;
      await this.#perform(machine, 'power-off');
      this.#powerCuts.asked(node, attempt);
      return this.#powerCuts.stateOf(machine);
    });
  }

  /** Takes back the power-off of an attempt, where no other one came after it. */
  #unfence(node: string, undoOf: string): Promise<MachineState> {
    return this.#roster.inTurn(node, async () => {
      const machine = this.#roster.requireWorker(node);
      if (machine.power === 'off') {
        this.#powerCuts.requireLastAsked(node, undoOf);
        await this.#perform(machine, 'power-on');
      }
      return this.#powerCuts.stateOf(machine);
    });
  }

  async #replace(node: string, attempt?: string): Promise<ReplaceResult> {
    const machine = await this.#replacements.replace(node, attempt);
    return { node, replacement: machine.name };
  }

  /** Where no new machine can be had: the old one joins anew, as a node that knows nothing of what was. */
  #restartClean(node: string): Promise<ReplaceResult> {
    return this.#roster.inTurn(node, async () => {
      const machine = this.#roster.requireWorker(node);
      this.#log(`${node} is restarted clean instead of replaced: ${this.#plan.cannotReplace ?? ''}`);
      await machine.powerOn();
      this.#powerCuts.forget(node);
      await untilBooted(machine, this.#tools);
      await leaveCluster(machine, this.#tools);
      await joinCluster(machine, this.#tools);
      return { node, replacement: node };
    });
  }

  #exchange(node: string): Promise<KindMachine> {
    return this.#roster.inTurn(node, async () => {
      const old = this.#roster.requireWorker(node);
      const { cannotReplace } = this.#plan;
      if (cannotReplace !== undefined) {
        throw new FiredrillError('kind.not-possible', `${node} cannot be replaced: ${cannotReplace}`, {
          hint: 'switch it on again instead, or use another engine',
        });
      }
      const machine = await exchangeMachine(old, this.#roster.nextName(), this.#tools);
      this.#roster.exchange(node, machine);
      this.#powerCuts.forget(node);
      this.#log(`${node} is retired, ${machine.name} comes in its place`);
      return machine;
    });
  }

  async #join(machine: KindMachine): Promise<void> {
    await this.favourInfra([machine]);
    await untilBooted(machine, this.#tools);
    await this.#images.loadInto(machine.name);
    await joinCluster(machine, this.#tools);
  }
}
