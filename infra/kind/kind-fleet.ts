import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import { createRng } from '../../harness/core/seed.ts';
import type { MachineState, ReplaceResult } from '../../healers/machines/protocol.ts';
import type { ClusterNode, NodeInspection } from '../cluster.ts';
import type { NodeVerb } from '../supervisor/control-door.ts';
import type { MachineBackend } from '../supervisor/machine-door.ts';
import { PowerCuts } from '../supervisor/power-cuts.ts';
import type { LoadImages } from '../supervisor/protocol.ts';
import { Replacements } from '../supervisor/replacements.ts';
import type { SupervisedMachines } from '../supervisor/supervised-cluster.ts';
import { ContainerEngine } from '../engine/engine.ts';
import { FleetView } from './fleet-view.ts';
import { ImageArchives } from './image-archives.ts';
import { KUBEADM_FILE } from './join-configuration.ts';
import { KindCli } from './kind-cli.ts';
import { KindMachine } from './kind-machine.ts';
import type { KindPlan } from './kind-plan.ts';
import { MachineVerbs } from './machine-verbs.ts';
import { kindName, plannedNodes, workerName } from './names.ts';
import {
  exchangeMachine,
  joinCluster,
  leaveCluster,
  untilBooted,
  type ReplacementTools,
} from './replace-machine.ts';

/** Eight times what a container has by itself; the same as on an embedded cluster. */
const INFRA_CPU_SHARES = 8 * 1024;

export interface KindFleetOptions {
  readonly plan: KindPlan;
  /** Where archives of images are kept. */
  readonly imageDirectory: string;
  readonly log: (text: string) => void;
  /** Aborts when the cluster goes down. */
  readonly signal: AbortSignal;
}

/** The containers of one kind cluster as machines, and what can be done to them; also what the machine door opens to. */
export class KindFleet implements SupervisedMachines {
  readonly #plan: KindPlan;
  readonly #engine: ContainerEngine;
  readonly #verbs: MachineVerbs;
  readonly #view: FleetView;
  readonly #images: ImageArchives;
  readonly #powerCuts: PowerCuts;
  readonly #log: (text: string) => void;
  readonly #tools: ReplacementTools;
  readonly #machines: Map<string, KindMachine>;
  readonly #retired = new Set<string>();
  /** What is done to one machine is done in turn. */
  readonly #queues = new Map<string, Promise<unknown>>();
  readonly #replacements = new Replacements<KindMachine>(
    (node) => this.#exchange(node),
    (machine) => this.#join(machine),
  );
  #lastOrdinal: number;

  constructor({ plan, imageDirectory, log, signal }: KindFleetOptions) {
    const { spec, engine, kindPath, seed } = plan;
    const cli = new KindCli(kindPath, engine.name);
    const planned = plannedNodes(spec);
    this.#plan = plan;
    this.#log = log;
    this.#engine = new ContainerEngine(engine.name);
    this.#verbs = new MachineVerbs(this.#engine, log);
    this.#images = new ImageArchives(imageDirectory, (archive, nodes) =>
      cli.loadArchive(kindName(spec.name), archive, nodes),
    );
    this.#powerCuts = new PowerCuts(spec.machineProfile, createRng(seed));
    this.#machines = new Map(planned.map((node) => [node.name, new KindMachine(node)]));
    this.#view = new FleetView({
      engine: this.#engine,
      kindCluster: kindName(spec.name),
      machines: this.#machines,
      // It may have lost its power by somebody else's hand.
      onSeen: (machine, seen) => seen.power === 'off' && this.#powerCuts.cut(machine),
      log,
    });
    this.#lastOrdinal = planned.length - 1;
    const controlPlane = planned.find(({ role }) => role === 'control-plane')?.name ?? '';
    this.#tools = { engine: this.#engine, verbs: this.#verbs, cluster: spec.name, controlPlane, signal };
  }

  get controlPlane(): string {
    return this.#tools.controlPlane;
  }

  /** What the machine interface may do: all but the control plane, without which there is no cluster to heal. */
  get doorBackend(): MachineBackend {
    return {
      states: () => this.#workers().map((machine) => this.#stateOf(machine)),
      powerOff: (node, attempt) => this.#fence(node, attempt),
      powerOn: (node, undoOf) => this.#takeBack(node, undoOf),
      replace: (node, attempt) =>
        this.#plan.cannotReplace === undefined ? this.#replace(node, attempt) : this.#restartClean(node),
    };
  }

  has(node: string): boolean {
    return this.#machines.has(node);
  }

  nodes(): readonly ClusterNode[] {
    return [...this.#machines.values()].map((machine) => ({
      name: machine.name,
      zone: machine.zone,
      role: machine.role,
      address: machine.address,
      power: this.#view.silence === undefined ? machine.power : 'unknown',
      frozen: machine.seen.frozen,
      cableOut: machine.cableOut,
    }));
  }

  /** Whoever asks at the same time shares one question to the engine. */
  async inspect(node: string): Promise<NodeInspection> {
    const retired = {
      node,
      exists: false,
      processes: 0,
      frozen: false,
      cable: 'absent',
      fenced: true,
    } as const;
    if (this.#retired.has(node)) return retired;
    this.#get(node);
    await this.look();
    const { silence } = this.#view;
    if (silence !== undefined) throw silence;
    // It may have been replaced meanwhile.
    if (this.#retired.has(node)) return retired;
    const machine = this.#get(node);
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
    return this.#inTurn(node, async () => {
      const machine = this.#get(node);
      await this.#perform(machine, verb);
      return await this.inspect(node);
    });
  }

  async replace(node: string): Promise<string> {
    return (await this.#replace(node)).replacement;
  }

  async loadImages({ images, nodes }: LoadImages): Promise<string[]> {
    if (nodes === undefined) this.#images.remember(images);
    // Nothing of ours runs on the control plane.
    const wanted = nodes === undefined ? this.#workers() : nodes.map((node) => this.#get(node));
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
   * Infra nodes stand for machines that a drill does not touch: on few processors the probe would otherwise measure its own
   * waiting. An engine that cannot weigh its containers is used as it is.
   */
  async favourInfra(machines: readonly KindMachine[] = this.#workers()): Promise<void> {
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
      this.#workers().map(async (machine) => {
        machine.kubeadm = await this.#engine.exec(machine.name, ['cat', KUBEADM_FILE]);
      }),
    );
  }

  async #perform(machine: KindMachine, verb: NodeVerb): Promise<void> {
    switch (verb) {
      case 'power-off':
        this.#powerCuts.cut(machine);
        await this.#verbs.powerOff(machine);
        break;
      case 'power-on':
        await this.#verbs.powerOn(machine);
        this.#powerCuts.forget(machine.name);
        await untilBooted(machine, this.#tools);
        if (machine.role !== 'control-plane') await this.#images.loadInto(machine.name);
        break;
      case 'freeze':
        await this.#verbs.freeze(machine);
        break;
      case 'thaw':
        await this.#verbs.thaw(machine);
        break;
      case 'cable-out':
        await this.#verbs.cableOut(machine);
        break;
      case 'cable-in':
        await this.#verbs.cableIn(machine);
        break;
    }
  }

  #stateOf(machine: KindMachine): MachineState {
    const state = this.#powerCuts.stateOf(machine);
    return this.#view.silence === undefined ? state : { ...state, state: 'unknown' };
  }

  /** The machine stays off until somebody switches it on. */
  #fence(node: string, attempt: string): Promise<MachineState> {
    return this.#inTurn(node, async () => {
      const machine = this.#requireWorker(node);
      machine.fenced = true;
      await this.#perform(machine, 'power-off');
      this.#powerCuts.asked(node, attempt);
      return this.#powerCuts.stateOf(machine);
    });
  }

  /** The power-off of an attempt, where no other one came after it. */
  #takeBack(node: string, undoOf: string): Promise<MachineState> {
    return this.#inTurn(node, async () => {
      const machine = this.#requireWorker(node);
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
    return this.#inTurn(node, async () => {
      const machine = this.#requireWorker(node);
      this.#log(`${node} is restarted clean instead of replaced: ${this.#plan.cannotReplace ?? ''}`);
      await this.#verbs.powerOn(machine);
      this.#powerCuts.forget(node);
      await untilBooted(machine, this.#tools);
      await leaveCluster(machine, this.#tools);
      await joinCluster(machine, this.#tools);
      return { node, replacement: node };
    });
  }

  #exchange(node: string): Promise<KindMachine> {
    return this.#inTurn(node, async () => {
      const old = this.#requireWorker(node);
      const { cannotReplace } = this.#plan;
      if (cannotReplace !== undefined) {
        throw new FiredrillError('kind.not-possible', `${node} cannot be replaced: ${cannotReplace}`, {
          userError: true,
          hint: 'switch it on again instead, or use another engine',
        });
      }
      // Names of machines are never used again.
      const name = workerName(this.#plan.spec.name, ++this.#lastOrdinal);
      const machine = await exchangeMachine(old, name, this.#tools);
      this.#machines.delete(node);
      this.#retired.add(node);
      this.#powerCuts.forget(node);
      this.#machines.set(name, machine);
      this.#log(`${node} is retired, ${name} comes in its place`);
      return machine;
    });
  }

  async #join(machine: KindMachine): Promise<void> {
    await this.favourInfra([machine]);
    await untilBooted(machine, this.#tools);
    await this.#images.loadInto(machine.name);
    await joinCluster(machine, this.#tools);
  }

  #workers(): readonly KindMachine[] {
    return [...this.#machines.values()].filter(({ role }) => role !== 'control-plane');
  }

  #requireWorker(node: string): KindMachine {
    const machine = this.#get(node);
    if (machine.role !== 'control-plane') return machine;
    throw new FiredrillError(
      'machine.control-plane',
      `${node} is the only control plane: the machine interface leaves it alone`,
    );
  }

  /** @throws FiredrillError `node.unknown` */
  #get(node: string): KindMachine {
    const machine = this.#machines.get(node);
    if (machine !== undefined) return machine;
    throw new FiredrillError('node.unknown', `no machine ${node} in cluster ${this.#plan.spec.name}`, {
      userError: true,
      hint: `the machines are ${[...this.#machines.keys()].join(', ')}`,
    });
  }

  #inTurn<T>(node: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#queues.get(node) ?? Promise.resolve()).then(work, work);
    this.#queues.set(
      node,
      turn.catch(() => undefined),
    );
    return turn;
  }
}
