import { FiredrillError } from '../../../harness/core/errors.ts';
import {
  nodeContainer,
  countProcesses,
  containersOf,
  inspectContainers,
  type InspectedContainer,
  type NodeContainer,
} from './containers.ts';
import type { ContainerEngine } from '../../engine/engine.ts';
import type { KindMachine } from './kind-machine.ts';

interface FleetViewOptions {
  readonly engine: ContainerEngine;
  readonly kindCluster: string;
  /** Those that there are at the time of each look. */
  readonly machines: ReadonlyMap<string, KindMachine>;
  /** Told before the machine is updated. */
  readonly onSeen: (machine: KindMachine, seen: NodeContainer) => void;
  readonly log: (text: string) => void;
}

/** How the machines of a cluster are, as their engine tells. */
export class FleetView {
  readonly #options: FleetViewOptions;
  #silence: Error | undefined;
  #looking: Promise<void> = Promise.resolve();
  #nextLook: Promise<void> | undefined;

  constructor(options: FleetViewOptions) {
    this.#options = options;
  }

  /** Why nobody knows how the machines are; absent while the engine tells. */
  get silence(): Error | undefined {
    return this.#silence;
  }

  /**
   * Reads how all machines are, in one question. One at a time; whoever asks while one is under way waits for a later one,
   * and all of them for the same.
   */
  look(): Promise<void> {
    if (this.#nextLook !== undefined) return this.#nextLook;
    const next = this.#looking.then(() => {
      this.#nextLook = undefined;
      return this.#lookOnce();
    });
    this.#nextLook = next;
    this.#looking = next;
    return next;
  }

  async #lookOnce(): Promise<void> {
    const { onSeen } = this.#options;
    // One that is made meanwhile is not asked about yet.
    const machines = [...this.#options.machines.values()];
    try {
      const found = await this.#inspectAll(machines.map(({ name }) => name));
      const ids = [...found.values()].flatMap(({ Id: id = '' }) => (id === '' ? [] : [id]));
      const processes = countProcesses(ids);
      for (const machine of machines) {
        const inspected = found.get(machine.name);
        // Whoever has removed a container has switched its machine off.
        const seen = inspected === undefined ? switchedOff(machine.name) : nodeContainer(inspected);
        onSeen(machine, seen);
        machine.update(seen);
        machine.processes = processes.get(seen.id) ?? 0;
      }
      this.#hear(undefined);
    } catch (error) {
      this.#hear(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** One question; a second where one of them has vanished, which the engine refuses to be asked about. */
  async #inspectAll(names: readonly string[]): Promise<ReadonlyMap<string, InspectedContainer>> {
    const { engine, kindCluster } = this.#options;
    try {
      return await inspectContainers(engine, names);
    } catch (error) {
      if (!(error instanceof FiredrillError) || error.code !== 'engine.refused') throw error;
      const there = await containersOf(engine, kindCluster);
      return await inspectContainers(
        engine,
        names.filter((name) => there.includes(name)),
      );
    }
  }

  #hear(silence: Error | undefined): void {
    const before = this.#silence?.message;
    this.#silence = silence;
    if (silence?.message === before) return;
    this.#options.log(
      silence === undefined
        ? 'the engine tells how the machines are'
        : `nobody knows how the machines are: ${silence.message}`,
    );
  }
}

function switchedOff(name: string): NodeContainer {
  return { name, id: '', power: 'off', frozen: false };
}
