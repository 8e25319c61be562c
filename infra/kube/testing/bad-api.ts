import type { KubeClient } from '../client.ts';
import { KubeError, refusal } from '../errors.ts';
import type { Lease } from '../objects.ts';
import type { VirtualClock, VirtualTime } from './virtual-clock.ts';

/**
 * One Lease behind a bad network: requests and answers are late or lost, and what was sent before a freeze is still
 * carried out after it, when its sender has long given up.
 */
export class BadApi {
  readonly #time: VirtualTime;
  readonly #random: () => number;
  #lease: Lease | undefined;
  #version = 0;
  frozenUntilMs = 0;
  lossRate = 0;
  slowMs = 20;

  constructor(time: VirtualTime, random: () => number) {
    this.#time = time;
    this.#random = random;
  }

  clientOf(clock: VirtualClock): KubeClient {
    const client = {
      clock,
      get: (_: unknown, options: CallFacts) =>
        this.#call('GET', clock, options, () => structuredClone(this.#lease)),
      find: (_: unknown, options: CallFacts) =>
        this.#call('GET', clock, options, () => structuredClone(this.#lease)),
      create: (lease: Lease, options: CallFacts) =>
        this.#call('POST', clock, options, () => this.#create(lease)),
      replace: (lease: Lease, options: CallFacts) =>
        this.#call('PUT', clock, options, () => this.#replace(lease)),
    };
    return client as unknown as KubeClient;
  }

  #create(lease: Lease): Lease {
    if (this.#lease !== undefined) throw refusal('POST', 'lease', 409, { reason: 'AlreadyExists' });
    return this.#store(lease);
  }

  #replace(lease: Lease): Lease {
    if (lease.metadata?.resourceVersion !== this.#lease?.metadata?.resourceVersion) {
      throw refusal('PUT', 'lease', 409, { reason: 'Conflict' });
    }
    return this.#store(lease);
  }

  #store(lease: Lease): Lease {
    const metadata = { ...lease.metadata, resourceVersion: String(++this.#version) };
    this.#lease = structuredClone({ ...lease, metadata });
    return structuredClone(this.#lease);
  }

  async #call<T>(verb: string, clock: VirtualClock, options: CallFacts, act: () => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const arrives = () => {
      if (this.#time.nowMs < this.frozenUntilMs) {
        this.#time.at(this.frozenUntilMs + this.#random() * 50, arrives);
        return;
      }
      let deliver: () => void;
      try {
        const result = act();
        deliver = () => resolve(result);
      } catch (error) {
        deliver = () => reject(error);
      }
      if (this.#random() >= this.lossRate) this.#time.at(this.#time.nowMs + this.#delayMs(), deliver);
    };
    if (this.#random() >= this.lossRate) this.#time.at(this.#time.nowMs + this.#delayMs(), arrives);
    const late = new AbortController();
    const timeout = clock.sleep(
      options.timeoutMs,
      AbortSignal.any([late.signal, options.signal ?? late.signal]),
    );
    const facts = { status: 0, reason: '', verb, path: 'lease', maybeApplied: true };
    const expired = timeout.then(() => {
      throw new KubeError('kube.timeout', `${verb} lease: no answer`, facts);
    });
    try {
      const result = await Promise.race([promise, expired]);
      // A paused process sees the answer when it goes on.
      if (clock.isPaused) await clock.sleep(0);
      return result;
    } finally {
      late.abort();
      expired.catch(() => undefined);
    }
  }

  /** Mostly quick, at times very slow. */
  #delayMs(): number {
    const slowness = this.#random() < 0.05 ? 100 : 1;
    return this.#random() * this.slowMs * slowness;
  }
}

interface CallFacts {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}
