import { pause, systemClock, type Clock } from '../core/clock.ts';
import { FiredrillError, messageOf } from '../core/errors.ts';
import { given } from '../core/given.ts';
import type { AuditLine } from '../../healers/runtime/audit-chain.ts';
import { openLines, type Connect } from '../../infra/http/http.ts';
import { isAborted, watchUntilStopped, type Append, type StartObserver } from './observer.ts';
import { Sight } from './sight.ts';

/** One replica of the healer. */
export interface HealerPod {
  readonly name: string;
  readonly uid: string;
  readonly connect: Connect;
}

interface HealerOptions {
  /** The replicas there are now; asked again every second. */
  readonly pods: (signal: AbortSignal) => Promise<readonly HealerPod[]>;
  /** What their audit is read with; asked once. */
  readonly token: (signal: AbortSignal) => Promise<string>;
  readonly clock?: Clock;
}

const TIMEOUT_MS = 3_000;
const RETRY_MS = 500;
const DISCOVER_MS = 1_000;

/** Follows the audit of every replica of the healer, also of those that come while it watches. */
export function observeHealer(options: HealerOptions): StartObserver {
  const clock = options.clock ?? systemClock;
  return async (append, signal) => {
    const sinceWallMs = clock.now().wallMs;
    const listing = new Sight(append, clock, 'healer');
    const [first, token] = await Promise.all([options.pods(signal), options.token(signal)]);
    const crew = new Crew(append, clock, { sinceWallMs, token });
    return watchUntilStopped('healer', append, signal, async (running) => {
      crew.follow(first, running);
      for (;;) {
        await pause(clock, DISCOVER_MS, running);
        if (isAborted(running)) break;
        try {
          crew.follow(await options.pods(running), running);
          listing.seen();
        } catch (error) {
          // The replicas that are known are read on; what a new one does goes unseen.
          if (!isAborted(running)) listing.lose(`its replicas could not be listed: ${messageOf(error)}`);
        }
      }
      await crew.ended();
    });
  };
}

/** One reader per replica, from its appearance until it is gone. */
class Crew {
  readonly #append: Append;
  readonly #clock: Clock;
  readonly #sinceWallMs: number;
  readonly #token: string;
  readonly #readers = new Map<string, { readonly leave: AbortController; readonly done: Promise<void> }>();

  constructor(append: Append, clock: Clock, trial: { readonly sinceWallMs: number; readonly token: string }) {
    this.#append = append;
    this.#clock = clock;
    this.#sinceWallMs = trial.sinceWallMs;
    this.#token = trial.token;
  }

  follow(pods: readonly HealerPod[], signal: AbortSignal): void {
    for (const [uid, reader] of this.#readers) {
      if (!pods.some((pod) => pod.uid === uid)) reader.leave.abort(new Error('the pod is gone'));
    }
    for (const pod of pods) {
      if (this.#readers.has(pod.uid)) continue;
      const leave = new AbortController();
      const done = this.#read(pod, AbortSignal.any([signal, leave.signal]));
      this.#readers.set(pod.uid, { leave, done });
    }
  }

  async ended(): Promise<void> {
    await Promise.all([...this.#readers.values()].map((reader) => reader.done));
  }

  /** Reads from line to line, over every break, until the signal aborts. */
  async #read(pod: HealerPod, signal: AbortSignal): Promise<void> {
    let nextSeq = 0;
    const sight = new Sight(this.#append, this.#clock, 'healer');
    const lost = `${pod.name}: it did not answer any more`;
    let blindSinceMonoMs = this.#clock.now().monoMs;
    let complained = false;
    while (!isAborted(signal)) {
      try {
        const stream = await openLines(pod.connect, {
          path: `/audit?from=${nextSeq}`,
          token: this.#token,
          timeoutMs: TIMEOUT_MS,
          signal,
        });
        if (stream.status !== 200)
          throw new FiredrillError('observe.http-status', `it answered ${stream.status}`);
        complained = false;
        sight.seen();
        for await (const line of stream.lines) {
          const told = line as AuditLine;
          if (nextSeq > 0 && told.seq > nextSeq)
            sight.lose(`${pod.name}: lines ${nextSeq} to ${told.seq - 1} are lost`, blindSinceMonoMs);
          sight.seen();
          nextSeq = told.seq + 1;
          this.#tell(pod, told);
        }
        throw new FiredrillError('observe.cut', 'its stream ended');
      } catch (error) {
        if (isAborted(signal)) break;
        // A stream that is resumed at once has missed nothing; one that is not may be lost for good.
        if (complained) sight.lose(lost, blindSinceMonoMs);
        else {
          blindSinceMonoMs = this.#clock.now().monoMs;
          this.#append({ kind: 'note', text: `healer ${pod.name}: ${messageOf(error)}` });
        }
        complained = true;
        await pause(this.#clock, RETRY_MS, signal);
      }
    }
    // A stream that stood until the end missed nothing; a replica that was lost may have acted unseen.
    if (!complained) return;
    sight.lose(lost, blindSinceMonoMs);
    sight.seen();
  }

  /** What happened before this trial is not told, but who leads is. */
  #tell(pod: HealerPod, line: AuditLine): void {
    if (line.wallMs < this.#sinceWallMs && line.event !== 'leader') return;
    const { event, subject, detail, bootId, wouldDo, attempt, action, result, phase, objects } = line;
    this.#append({
      kind: 'healer',
      event,
      subject,
      detail,
      healerWallMs: line.wallMs,
      healerMonoMs: line.monoMs,
      bootId,
      pod: pod.name,
      ...given({ wouldDo, attempt, action, result, phase, objects }),
    });
  }
}
