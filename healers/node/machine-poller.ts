import { pause, type Clock } from '../../harness/core/clock.ts';
import { messageOf } from '../../harness/core/errors.ts';
import type { MachineInterface, MachineState } from '../../infra/machines/protocol.ts';
import { MachineError } from '../../infra/machines/errors.ts';
import type { MachineView } from './facts.ts';

interface Known {
  readonly state: MachineState['state'];
  readonly systemUuid: string | undefined;
  readonly seenAtMs: number;
}

interface MachinePollerOptions {
  readonly machines: MachineInterface;
  readonly clock: Clock;
  readonly onChange: (node: string) => void;
  /** The reason why the interface does not answer; undefined when it does again. */
  readonly onProblem: (message: string | undefined) => void;
}

/** The last word of the machine interface about every machine, asked for in one batch call. */
export class MachinePoller {
  readonly #options: MachinePollerOptions;
  #known = new Map<string, Known>();
  /** Our own monotonic time at which the last complete answer was asked for. */
  #answeredAtMs = -Infinity;
  #pause: AbortController | undefined;
  #wanted = false;

  constructor(options: MachinePollerOptions) {
    this.#options = options;
  }

  /** Asks every `everyMs()` milliseconds until the signal aborts; a throttled interface sets the pace. */
  async run(everyMs: () => number, signal: AbortSignal): Promise<void> {
    const stopped = (): boolean => signal.aborted;
    signal.addEventListener('abort', () => this.#pause?.abort());
    while (!stopped()) {
      const startedAtMs = this.#options.clock.now().monoMs;
      let waitMs = everyMs();
      try {
        await this.ask(signal);
        this.#options.onProblem(undefined);
      } catch (error) {
        if (stopped()) return;
        this.#options.onProblem(messageOf(error));
        if (error instanceof MachineError && error.retryAfterMs !== undefined) {
          waitMs = Math.max(waitMs, error.retryAfterMs);
        }
      }
      if (stopped()) return;
      const leftMs = waitMs - (this.#options.clock.now().monoMs - startedAtMs);
      await this.#rest(Math.max(10, leftMs));
    }
  }

  /** Asks once, and resolves with the answer when it is taken over. */
  async ask(signal: AbortSignal): Promise<ReadonlyMap<string, MachineState>> {
    const askedAtMs = this.#options.clock.now().monoMs;
    const states = await this.#options.machines.states(signal);
    // One that was asked for earlier and comes later knows less.
    if (askedAtMs >= this.#answeredAtMs) this.#learn(states, askedAtMs);
    return states;
  }

  /** Asks again without a pause, after the question that may be under way. */
  soon(): void {
    this.#wanted = true;
    this.#pause?.abort();
  }

  /** @param systemUuid `status.nodeInfo.systemUUID` of the node; absent: nobody knows it */
  view(node: string, systemUuid?: string): MachineView | undefined {
    const nowMs = this.#options.clock.now().monoMs;
    const known = this.#known.get(node);
    if (known !== undefined) {
      const mistaken = mistakenFor(known, systemUuid);
      const ageMs = nowMs - known.seenAtMs;
      return mistaken === undefined ? { state: known.state, ageMs } : { state: 'absent', ageMs, mistaken };
    }
    if (this.#answeredAtMs === -Infinity) return undefined;
    return { state: 'absent', ageMs: nowMs - this.#answeredAtMs };
  }

  async #rest(durationMs: number): Promise<void> {
    const resting = new AbortController();
    this.#pause = resting;
    if (!this.#wanted) await pause(this.#options.clock, durationMs, resting.signal);
    this.#wanted = false;
    this.#pause = undefined;
  }

  #learn(states: ReadonlyMap<string, MachineState>, askedAtMs: number): void {
    const before = this.#known;
    const next = new Map<string, Known>();
    for (const { node, state, systemUuid } of states.values())
      next.set(node, { state, systemUuid, seenAtMs: askedAtMs });
    this.#known = next;
    this.#answeredAtMs = askedAtMs;
    for (const node of new Set([...before.keys(), ...next.keys()])) {
      const [was, is] = [before.get(node), next.get(node)];
      if (was?.state !== is?.state || was?.systemUuid !== is?.systemUuid) this.#options.onChange(node);
    }
  }
}

/** Names such as node-1 repeat: a machine of another identity is another's. */
function mistakenFor({ systemUuid }: Pick<Known, 'systemUuid'>, own = ''): string | undefined {
  if (systemUuid === undefined || own === '' || systemUuid.toLowerCase() === own.toLowerCase())
    return undefined;
  return `the machine interface lists another machine under its name: systemUuid ${systemUuid}, that of the node is ${own}`;
}
