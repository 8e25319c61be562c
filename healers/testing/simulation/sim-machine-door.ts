import { MachineError } from '../../../infra/machines/errors.ts';
import type { MachineInterface, MachineState, ReplaceResult } from '../../../infra/machines/protocol.ts';
import type { SimCluster } from './sim-cluster.ts';
import { Connection } from './sim-connection.ts';
import type { SimMachine } from './sim-machine.ts';

/** So long a client waits for the end of a power-off. */
const POWER_OFF_TIMEOUT_MS = 20_000;
/** An interface that is late answers before the machine is off. */
const LATE_OFF_MS = 4000;
const REIMAGE_MS = 6000;

/** What the machine interface remembers, whoever asks. */
interface Remembered {
  /** When it stops refusing every call with 429. */
  throttledUntilMs: number;
  readonly powerOffs: Map<string, MachineState>;
  readonly replacements: Map<string, string>;
}

/** The machine interface as one healer reaches it; acts once for each attempt, as the protocol asks. */
export class SimMachineDoor extends Connection implements MachineInterface {
  static readonly #memory = new WeakMap<SimCluster, Remembered>();
  readonly #cut = (): boolean => this.line.machinesCut;

  static throttle(cluster: SimCluster, untilMs: number): void {
    SimMachineDoor.#of(cluster).throttledUntilMs = untilMs;
  }

  static #of(cluster: SimCluster): Remembered {
    const remembered: Remembered = SimMachineDoor.#memory.get(cluster) ?? {
      throttledUntilMs: 0,
      powerOffs: new Map(),
      replacements: new Map(),
    };
    SimMachineDoor.#memory.set(cluster, remembered);
    return remembered;
  }

  async states(): Promise<ReadonlyMap<string, MachineState>> {
    return await this.#ask('states', false, () => {
      const machines = [...this.cluster.machines.values()].filter((machine) => !machine.retired);
      return new Map(machines.map((machine) => [machine.name, this.#word(machine)]));
    });
  }

  async powerOff(node: string, attempt: string): Promise<MachineState> {
    const leading = this.line.leading();
    const { diskFull } = this.line;
    const trouble = this.cluster.machines.get(node)?.interfaceTrouble;
    const answered = this.#ask('powerOff', true, () => {
      const machine = this.#machine(node);
      const { powerOffs } = this.#remembered();
      if (trouble === 'denies')
        throw new MachineError('machines.failed', 'not allowed to switch it off', { status: 403 });
      const before = powerOffs.get(attempt);
      // An interface that does not look again: whoever takes its answer for the state is deceived.
      if (before !== undefined) return trouble === 'replays' ? before : this.#word(machine);
      if (diskFull) this.referee.unaudited(this.line.healer, node);
      this.referee.poweredOff(this.line.healer, leading, machine, attempt);
      if (trouble === 'lies-once') {
        machine.interfaceTrouble = undefined;
        return { ...this.#word(machine), state: 'off' as const };
      }
      if (trouble === 'late') this.cluster.clock.after(LATE_OFF_MS, () => this.#cutPower(machine));
      else this.#cutPower(machine);
      const word = this.#word(machine);
      powerOffs.set(attempt, word);
      return word;
    });
    if (trouble !== 'hangs') return await answered;
    await answered;
    return await this.hang(POWER_OFF_TIMEOUT_MS);
  }

  async replace(node: string, attempt: string): Promise<ReplaceResult> {
    const leading = this.line.leading();
    return await this.#ask('replace', true, () => {
      const { replacements } = this.#remembered();
      const known = replacements.get(attempt);
      if (known !== undefined) return { node, replacement: known };
      const machine = this.#machine(node);
      if (machine.replaceTrouble === 'fails')
        throw new MachineError('machines.failed', 'no capacity left', { status: 503 });
      this.referee.replaced(this.line.healer, leading, machine, attempt);
      const replacement =
        machine.replaceTrouble === 'keeps-name' ? this.#reimage(machine) : this.#renew(machine);
      replacements.set(attempt, replacement);
      return { node, replacement };
    });
  }

  #cutPower(machine: SimMachine): void {
    const { cluster } = this;
    cluster.setPower(machine, false);
    machine.claims = machine.claims === 'unknown' ? 'unknown' : undefined;
    const returnsAfterMs = machine.powerReturnsAfterMs.shift();
    if (returnsAfterMs !== undefined)
      cluster.clock.after(returnsAfterMs, () => cluster.setPower(machine, true));
  }

  #renew(machine: SimMachine): string {
    machine.retired = true;
    machine.powered = false;
    machine.containers.clear();
    return this.cluster.addMachine({ isDead: machine.replaceTrouble === 'never-ready' });
  }

  /** The disk is new, the name and the Node object are the old ones. */
  #reimage(machine: SimMachine): string {
    machine.containers.clear();
    machine.notReady = undefined;
    machine.cableOut = false;
    this.cluster.clock.after(REIMAGE_MS, () => this.cluster.setPower(machine, true));
    return machine.name;
  }

  #word({ name, powered, claims }: SimMachine): MachineState {
    const observedAtMs = this.cluster.clock.now().wallMs;
    return { node: name, state: claims ?? (powered ? 'on' : 'off'), observedAtMs };
  }

  #remembered(): Remembered {
    return SimMachineDoor.#of(this.cluster);
  }

  #machine(node: string): SimMachine {
    const machine = this.cluster.machines.get(node);
    if (machine === undefined || machine.retired)
      throw new MachineError('machines.unknown-machine', `no machine ${node}`, { status: 404 });
    return machine;
  }

  async #ask<T>(what: string, change: boolean, answer: () => T): Promise<T> {
    const throttled = (): T => {
      if (this.cluster.nowMs < this.#remembered().throttledUntilMs)
        throw new MachineError('machines.throttled', 'too many requests', {
          status: 429,
          retryAfterMs: 1000,
        });
      return answer();
    };
    return await this.request({ what, change }, this.#cut, throttled);
  }
}
