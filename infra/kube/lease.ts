import { pause, type Clock, type Instant } from '../../harness/core/clock.ts';
import { FiredrillError } from '../../harness/core/errors.ts';
import type { KubeClient } from './client.ts';
import { isAlreadyExists, isConflict } from './errors.ts';
import { heldRecord, judgeLease, releasedRecord, sight, type LeaseSighting } from './lease-record.ts';
import type { Lease } from './objects.ts';

/** One period of leadership. */
export interface Term {
  /** Aborts at the moment when leadership ends or can no longer be proved. */
  readonly signal: AbortSignal;
  /** Counts the changes of leader: a fencing token. */
  readonly transitions: number;
}

interface LeaderElectorOptions {
  readonly namespace: string;
  readonly name: string;
  /** Unique among the candidates and their restarts, e.g. the pod's name and UID. */
  readonly identity: string;
  /** Others wait so long after the last change they saw; whole seconds. Default 4000. */
  readonly leaseDurationMs?: number | undefined;
  /** The leader stops by itself when its last success was asked for so long ago. Default 3000. */
  readonly renewDeadlineMs?: number | undefined;
  /** Between two renewals, and between two looks of a candidate. Default 1000. */
  readonly retryMs?: number | undefined;
  /** In [0, 1), so that candidates do not look at the same moment. */
  readonly random?: (() => number) | undefined;
  readonly onStartedLeading: (term: Term) => void;
  /** Called at once when a term ends. On stop, its promise is awaited before the lease is given up. */
  readonly onStoppedLeading: (reason: string) => void | Promise<void>;
  /** A request that failed; the elector goes on by itself. */
  readonly onProblem?: ((error: unknown) => void) | undefined;
}

interface OpenTerm {
  readonly end: AbortController;
  readonly deadline: Promise<void>;
}

/**
 * Competes for a Lease. Two electors never both lead, whatever their clocks show, as long as these run at about the
 * same speed: a leader counts its time from the moment when it *asked* for its last renewal, a candidate from the moment
 * when it *saw* that renewal, and the candidate waits longer. Use a client of its own.
 */
export class LeaderElector {
  readonly #kube: KubeClient;
  readonly #options: LeaderElectorOptions;
  readonly #clock: Clock;
  readonly #leaseDurationMs: number;
  readonly #renewDeadlineMs: number;
  readonly #retryMs: number;
  #sighting: LeaseSighting | undefined;
  /** The record as we may write it; undefined when it has to be read first. */
  #current: Lease | undefined;
  #weWroteIt = false;
  #renewed: Instant = { monoMs: -Infinity, wallMs: -Infinity };
  #term: OpenTerm | undefined;
  #leader: string | undefined;
  /** Aborts with what a callback threw. */
  readonly #broken = new AbortController();

  constructor(kube: KubeClient, options: LeaderElectorOptions) {
    this.#kube = kube;
    this.#options = options;
    this.#clock = kube.clock;
    this.#leaseDurationMs = options.leaseDurationMs ?? 4000;
    this.#renewDeadlineMs = options.renewDeadlineMs ?? 3000;
    this.#retryMs = options.retryMs ?? 1000;
    const ordered = this.#retryMs < this.#renewDeadlineMs && this.#renewDeadlineMs < this.#leaseDurationMs;
    if (!ordered || this.#leaseDurationMs % 1000 !== 0 || options.identity === '') {
      throw new FiredrillError(
        'kube.bad-election',
        `retry ${this.#retryMs} ms < renew deadline ${this.#renewDeadlineMs} ms < lease ${this.#leaseDurationMs} ms ` +
          `in whole seconds, and an identity ("${options.identity}"), are needed`,
      );
    }
  }

  /** Who holds the lease, as last seen. */
  get leader(): string | undefined {
    return this.#leader;
  }

  /** Whether our last renewal is younger than the renew deadline. Ask right before each destructive call. */
  stillLeading(): boolean {
    return this.#term !== undefined && !this.#term.end.signal.aborted && this.#isProved();
  }

  /**
   * Competes until the signal aborts, then gives the lease up. Lives through outages of the API server;
   * rejects only with what a callback threw.
   */
  async run(stopping: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([stopping, this.#broken.signal]);
    const stopped = () => signal.aborted;
    while (!stopped()) {
      const asked = this.#clock.now();
      let waitMs: number;
      try {
        waitMs = await this.#attempt(asked, signal);
      } catch (error) {
        if (stopped()) break;
        // The write may have been carried out all the same: read before the next one.
        this.#current = undefined;
        waitMs = this.#retryMs;
        // Somebody was faster; that is no problem, and is looked at soon.
        if (isConflict(error)) waitMs = Math.min(100, this.#retryMs);
        else this.#options.onProblem?.(error);
      }
      const spentMs = this.#clock.now().monoMs - asked.monoMs;
      await pause(this.#clock, Math.max(waitMs - spentMs, 10), signal);
    }
    await this.#stop();
    this.#broken.signal.throwIfAborted();
  }

  /** One try to renew or to take the lease; returns after how many milliseconds, counted from `asked`, to try again. */
  async #attempt(asked: Instant, signal: AbortSignal): Promise<number> {
    if (this.#current === undefined || this.#term === undefined) await this.#look(signal);
    const nowMonoMs = this.#clock.now().monoMs;
    if (this.#sighting !== undefined && this.#term === undefined) {
      const { identity } = this.#options;
      const facts = { identity, weWroteIt: this.#weWroteIt, leaseDurationMs: this.#leaseDurationMs };
      const judgement = judgeLease(this.#sighting, facts, nowMonoMs);
      if (judgement.may === 'wait') {
        const jitteredMs = this.#retryMs * (0.8 + 0.2 * (this.#options.random ?? Math.random)());
        return nowMonoMs - asked.monoMs + Math.min(judgement.forMs, jitteredMs);
      }
    }
    // A renewal counts from the moment before it was asked for, reading included.
    await this.#write(asked, signal);
    return this.#retryMs;
  }

  async #look(signal: AbortSignal): Promise<void> {
    const lease = await this.#kube.find(this.#ref(), { signal, timeoutMs: this.#retryMs });
    this.#current = lease;
    if (lease === undefined) {
      this.#sighting = undefined;
      return;
    }
    this.#sighting = sight(this.#sighting, lease, this.#clock.now().monoMs);
    const holder = lease.spec?.holderIdentity ?? '';
    this.#leader = holder;
    if (holder !== this.#options.identity) void this.#endTerm(`the lease is held by "${holder}"`);
  }

  async #write(asked: Instant, signal: AbortSignal): Promise<void> {
    const { identity } = this.#options;
    const record = heldRecord(this.#current, this.#options, identity, this.#leaseDurationMs, asked.wallMs);
    const facts = { signal, timeoutMs: this.#retryMs };
    this.#weWroteIt = true;
    const written =
      this.#current === undefined
        ? await this.#createLease(record, facts)
        : await this.#kube.replace(record, facts);
    this.#current = written;
    this.#leader = identity;
    this.#renewed = asked;
    if (this.#term === undefined && this.#isProved()) this.#beginTerm(record.spec.leaseTransitions);
  }

  async #createLease(record: Lease, facts: { signal: AbortSignal; timeoutMs: number }): Promise<Lease> {
    try {
      return await this.#kube.create(record, facts);
    } catch (error) {
      if (isAlreadyExists(error)) this.#weWroteIt = false;
      throw error;
    }
  }

  #isProved(): boolean {
    return this.#provedForMs() > 0;
  }

  /** For how long the last renewal proves our leadership. */
  #provedForMs(): number {
    const { monoMs, wallMs } = this.#clock.now();
    // The monotonic clock stands still while a machine is suspended, the wall clock does not: both must agree.
    return this.#renewDeadlineMs - Math.max(monoMs - this.#renewed.monoMs, wallMs - this.#renewed.wallMs);
  }

  #beginTerm(transitions: number): void {
    const end = new AbortController();
    this.#term = { end, deadline: this.#endAtDeadline(end.signal) };
    void this.#tell(() => this.#options.onStartedLeading({ signal: end.signal, transitions }));
  }

  async #endAtDeadline(ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      if (this.#isProved()) await pause(this.#clock, this.#provedForMs(), ended);
      else void this.#endTerm(`not renewed within ${this.#renewDeadlineMs} ms`);
    }
  }

  /** Ends the term before anything else happens; resolves when the owner of it has stopped. */
  async #endTerm(reason: string): Promise<void> {
    const term = this.#term;
    if (term === undefined) return;
    this.#term = undefined;
    term.end.abort(new FiredrillError('kube.leadership-lost', `no longer the leader: ${reason}`));
    await this.#tell(() => this.#options.onStoppedLeading(reason));
  }

  async #tell(callback: () => unknown): Promise<void> {
    try {
      await callback();
    } catch (error) {
      this.#broken.abort(error);
    }
  }

  async #stop(): Promise<void> {
    const deadline = this.#term?.deadline;
    const wasProved = this.stillLeading();
    await this.#endTerm('stopped');
    await deadline;
    if (!wasProved || this.#current === undefined) return;
    try {
      await this.#kube.replace(releasedRecord(this.#current, this.#clock.now().wallMs), {
        timeoutMs: this.#retryMs,
      });
    } catch (error) {
      // A lease that could not be given up keeps the others waiting until it runs out.
      this.#options.onProblem?.(error);
    }
  }

  #ref() {
    const { namespace, name } = this.#options;
    return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace, name } as const;
  }
}
