import type { Clock } from '../../harness/core/clock.ts';
import type { Timers } from '../runtime/work-queue.ts';
import type { KubeletView } from './facts.ts';

/** One question to a kubelet; urgent ones about nodes under suspicion go first. */
export type AskKubelet = (address: string, port: number, urgent: boolean) => Promise<KubeletAnswer>;
/** `discarded`: our own timers were late, so the silence says nothing about the node. */
export type KubeletAnswer = 'answered' | 'silent' | 'discarded';

interface Entry {
  address: string;
  port: number;
  everyMs: number;
  failuresInRow: number;
  silentSinceMs: number | undefined;
  answeredAtMs: number | undefined;
  answeringSinceMs: number | undefined;
  lastAskedAtMs: number;
  underWay: number;
  /** The pace at which it was first watched. */
  readonly calmEveryMs: number;
  /** Its questions go first. */
  urgent: boolean;
  cancel: () => void;
  /** Start of the latest question whose answer was counted: answers that overtake each other are sorted out by it. */
  countedAtMs: number;
  /** When the oldest question was sent whose answer takes longer than usual. */
  waitingSinceMs: number | undefined;
}

interface KubeletProberOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ask: AskKubelet;
  /** Called when a count changed. */
  readonly onChange: (node: string) => void;
  /** Called when an answer that was still due a moment ago takes too long: nothing counts yet. */
  readonly onSlow: (node: string) => void;
  readonly random: () => number;
}

const MOST_UNDER_WAY = 4;
/** An answer takes a few milliseconds: one that is this late may never come. */
const SLOW_MS = 200;

/**
 * Asks every kubelet again and again, each at its own pace, and counts misses in a row. A later question never waits
 * for an earlier one, so three questions of 500 ms time-out, 200 ms apart, take 900 ms together.
 */
export class KubeletProber {
  readonly #options: KubeletProberOptions;
  readonly #entries = new Map<string, Entry>();
  /** When any kubelet answered last. */
  #heardAtMs = -Infinity;
  #stopped = false;

  constructor(options: KubeletProberOptions) {
    this.#options = options;
  }

  /** Begins to ask, or goes on at a new address. */
  watch(node: string, address: string, port: number, everyMs: number): void {
    const known = this.#entries.get(node);
    if (known !== undefined) {
      known.address = address;
      known.port = port;
      return;
    }
    const entry: Entry = {
      address,
      port,
      everyMs,
      failuresInRow: 0,
      silentSinceMs: undefined,
      answeredAtMs: undefined,
      answeringSinceMs: undefined,
      lastAskedAtMs: -Infinity,
      underWay: 0,
      calmEveryMs: everyMs,
      urgent: false,
      countedAtMs: -Infinity,
      waitingSinceMs: undefined,
      cancel: () => undefined,
    };
    this.#entries.set(node, entry);
    // Spread over one round, so that a thousand kubelets are not asked together; suspicion asks at once.
    this.#schedule(node, entry, everyMs * this.#options.random());
  }

  forget(node: string): void {
    this.#entries.get(node)?.cancel();
    this.#entries.delete(node);
  }

  /** Changes the pace; a faster one takes effect at once. Absent, a node is urgent that is asked more often than at first. */
  pace(node: string, everyMs: number, urgent?: boolean): void {
    const entry = this.#entries.get(node);
    if (entry === undefined) return;
    entry.urgent = urgent ?? everyMs < entry.calmEveryMs;
    if (entry.everyMs === everyMs) return;
    const faster = everyMs < entry.everyMs;
    entry.everyMs = everyMs;
    if (!faster) return;
    entry.cancel();
    const dueInMs = entry.lastAskedAtMs + everyMs - this.#options.clock.now().monoMs;
    if (dueInMs <= 0) this.#askNow(node, entry, everyMs);
    else this.#schedule(node, entry, dueInMs);
  }

  /** Asks once more now, whatever its pace. */
  askNow(node: string): void {
    const entry = this.#entries.get(node);
    if (entry === undefined) return;
    entry.cancel();
    this.#askNow(node, entry, entry.everyMs);
  }

  /** Somebody else who asked heard it just now, to a question that was open for longer than ours are. */
  heard(node: string): void {
    const entry = this.#entries.get(node);
    if (entry !== undefined) this.#count(node, entry, this.#options.clock.now().monoMs, 'answered');
  }

  view(node: string): KubeletView {
    const entry = this.#entries.get(node);
    if (entry === undefined) return { failuresInRow: 0 };
    const nowMs = this.#options.clock.now().monoMs;
    return {
      failuresInRow: entry.failuresInRow,
      ...(entry.silentSinceMs !== undefined && {
        silentForMs: nowMs - entry.silentSinceMs,
        othersHeardSince: this.#heardAtMs > entry.silentSinceMs,
      }),
      ...(entry.waitingSinceMs === undefined ? {} : { waitingForMs: nowMs - entry.waitingSinceMs }),
      ...(entry.answeredAtMs === undefined ? {} : { answeredAgoMs: nowMs - entry.answeredAtMs }),
      ...(entry.answeringSinceMs === undefined ? {} : { answeringForMs: nowMs - entry.answeringSinceMs }),
    };
  }

  stop(): void {
    this.#stopped = true;
    for (const node of [...this.#entries.keys()]) this.forget(node);
  }

  #schedule(node: string, entry: Entry, delayMs: number): void {
    entry.cancel = this.#options.timers.after(delayMs, () => this.#askNow(node, entry, entry.everyMs));
  }

  #askNow(node: string, entry: Entry, nextInMs: number): void {
    if (this.#stopped || this.#entries.get(node) !== entry) return;
    const askedAtMs = this.#options.clock.now().monoMs;
    entry.lastAskedAtMs = askedAtMs;
    this.#schedule(node, entry, nextInMs);
    // Questions that wait in line are enough: more of them would only make it longer.
    if (entry.underWay >= MOST_UNDER_WAY) return;
    entry.underWay++;
    const notSlow = this.#options.timers.after(SLOW_MS, () => {
      if (this.#entries.get(node) !== entry || entry.failuresInRow > 0) return;
      entry.waitingSinceMs ??= askedAtMs;
      this.#options.onSlow(node);
    });
    void this.#options.ask(entry.address, entry.port, entry.urgent).then((answer) => {
      entry.underWay--;
      notSlow();
      entry.waitingSinceMs = undefined;
      if (this.#entries.get(node) === entry) this.#count(node, entry, askedAtMs, answer);
    });
  }

  #count(node: string, entry: Entry, askedAtMs: number, answer: KubeletAnswer): void {
    if (answer === 'discarded') return;
    if (answer === 'answered') {
      const wasSilent = entry.failuresInRow > 0 || entry.answeredAtMs === undefined;
      const nowMs = this.#options.clock.now().monoMs;
      entry.answeredAtMs = this.#heardAtMs = nowMs;
      entry.answeringSinceMs = wasSilent ? nowMs : (entry.answeringSinceMs ?? nowMs);
      entry.failuresInRow = 0;
      entry.silentSinceMs = undefined;
      entry.countedAtMs = Math.max(entry.countedAtMs, askedAtMs);
      if (wasSilent) this.#options.onChange(node);
      return;
    }
    // Older than an answer that came since: the kubelet lives.
    if (askedAtMs < entry.countedAtMs) return;
    entry.countedAtMs = askedAtMs;
    entry.failuresInRow++;
    entry.silentSinceMs ??= askedAtMs;
    entry.answeringSinceMs = undefined;
    this.#options.onChange(node);
  }
}
