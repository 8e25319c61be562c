import { randomUUID } from 'node:crypto';
import { FiredrillError } from '../../harness/core/errors.ts';
import type { Clock } from '../../harness/core/clock.ts';
import { MachineError } from './errors.ts';
import type { HttpMachines } from './client.ts';
import type { MachineState } from './protocol.ts';

/** How a power-off of ours is told from one with which somebody has fenced the machine. */
const DRILL_ATTEMPT = 'drill-';

/** A cloud's interface counts the calls of a whole account: everybody here shares one question. */
const ASK_EVERY_MS = 500;
const THROTTLED_TIMES_MAX = 3;

/** How a machine stands, as far as its interface knows. */
export type PowerState = 'on' | 'off-by-drill' | 'off-by-other' | 'unknown' | 'absent';

/** Switches machines off for a drill, and on again what a drill has switched off, and nothing else. */
export class DrillPower {
  readonly #machines: HttpMachines;
  readonly #clock: Clock;
  #asking: Promise<ReadonlyMap<string, MachineState>> | undefined;
  #askedMonoMs = Number.NEGATIVE_INFINITY;

  constructor(machines: HttpMachines, clock: Clock) {
    this.#machines = machines;
    this.#clock = clock;
  }

  async stateOf(node: string, signal: AbortSignal): Promise<PowerState> {
    return powerState((await this.#states(signal)).get(node));
  }

  /** Safe to repeat: a machine that is off stays as it is, and off by whom it was. */
  async powerOff(node: string, signal: AbortSignal): Promise<void> {
    const state = await this.stateOf(node, signal);
    if (state === 'off-by-drill' || state === 'off-by-other') return;
    if (state === 'absent') throw unknownMachine(node);
    const attempt = `${DRILL_ATTEMPT}${randomUUID()}`;
    await this.#patiently(() => this.#machines.powerOff(node, attempt, signal), signal);
    this.#forget();
  }

  /** Leaves a machine off that was fenced or is gone: healing is never undone. Safe to repeat. */
  async powerOn(node: string, signal: AbortSignal): Promise<void> {
    const found = (await this.#states(signal)).get(node);
    const undoOf = found?.offBy;
    if (undoOf === undefined || powerState(found) !== 'off-by-drill') return;
    const request = { attempt: `${DRILL_ATTEMPT}${randomUUID()}`, undoOf };
    try {
      await this.#patiently(() => this.#machines.powerOn(node, request, signal), signal);
    } catch (error) {
      this.#forget();
      // Somebody has fenced or replaced it between our look and our call.
      const left = error instanceof MachineError && [404, 409].includes(error.status);
      if (!left || (await this.stateOf(node, signal)) === 'off-by-drill') throw error;
    }
    this.#forget();
  }

  /** Switches it off for good and starts a new one; returns the new one's name. */
  async replace(node: string, signal: AbortSignal): Promise<string> {
    const attempt = `${DRILL_ATTEMPT}${randomUUID()}`;
    const replaced = await this.#patiently(() => this.#machines.replace(node, attempt, signal), signal);
    this.#forget();
    return replaced.replacement;
  }

  /** What was read before a call of ours says nothing of the time after it. */
  #forget(): void {
    this.#asking = undefined;
    this.#askedMonoMs = Number.NEGATIVE_INFINITY;
  }

  async #states(signal: AbortSignal): Promise<ReadonlyMap<string, MachineState>> {
    this.#asking ??= this.#ask(signal);
    return await this.#asking;
  }

  async #ask(signal: AbortSignal): Promise<ReadonlyMap<string, MachineState>> {
    try {
      const waitMs = this.#askedMonoMs + ASK_EVERY_MS - this.#clock.now().monoMs;
      if (waitMs > 0) await this.#clock.sleep(waitMs, signal);
      this.#askedMonoMs = this.#clock.now().monoMs;
      return await this.#patiently(() => this.#machines.states(signal), signal);
    } finally {
      this.#asking = undefined;
    }
  }

  async #patiently<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let times = 1; ; times++) {
      try {
        return await call();
      } catch (error) {
        const retryAfterMs = error instanceof MachineError ? error.retryAfterMs : undefined;
        if (retryAfterMs === undefined || times >= THROTTLED_TIMES_MAX) throw error;
        await this.#clock.sleep(retryAfterMs, signal);
      }
    }
  }
}

function powerState(state: MachineState | undefined): PowerState {
  if (state === undefined) return 'absent';
  if (state.state !== 'off') return state.state;
  return state.offBy?.startsWith(DRILL_ATTEMPT) === true ? 'off-by-drill' : 'off-by-other';
}

function unknownMachine(node: string): FiredrillError {
  return new FiredrillError('machines.unknown-machine', `the machine interface knows no machine ${node}`, {
    userError: true,
    hint: 'it names machines as the cluster names its nodes: GET /v1/machines shows how',
  });
}
