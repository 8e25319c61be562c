import { systemClock, type Clock } from '../core/clock.ts';
import { FiredrillError, messageOf } from '../core/errors.ts';
import type {
  ReceivedBeatLine,
  ReceivedHelloLine,
  ReceivedLine,
  SlackMessage,
  WebhookMessage,
} from '../../infra/agents/receiver/protocol.ts';
import { openLines, type Connect } from '../../infra/http/http.ts';
import { isAborted, pause, runUntilStopped, type Append, type StartObserver } from './observer.ts';

const TIMEOUT_MS = 3_000;
/** The receiver sends a beat every second. */
const SILENCE_LIMIT_MS = 3_000;
const RETRY_MS = 500;
/** How a note of the journal begins that is a message for people, as it was delivered. */
const MESSAGE_PREFIX = 'delivered to Slack: ';

/**
 * Journals the alerts that Alertmanager really delivered, repetitions of the same left out, and as notes what the healer
 * has told people.
 */
export function observeReceiver(options: {
  readonly connect: Connect;
  readonly clock?: Clock;
}): StartObserver {
  const clock = options.clock ?? systemClock;
  return (append, signal) => {
    const inbox = new Inbox(append, clock.now().wallMs);
    append({ kind: 'observer', observer: 'receiver', state: 'started' });
    const reading = runUntilStopped(signal, async (running) => {
      while (!isAborted(running)) {
        const fromMonoMs = clock.now().monoMs;
        try {
          await inbox.read(options.connect, running);
        } catch (error) {
          if (isAborted(running)) return;
          append({ kind: 'note', text: `receiver: ${messageOf(error)}` });
          await pause(clock, RETRY_MS, running);
          inbox.tellLoss(fromMonoMs, clock.now().monoMs);
        }
      }
    });
    return Promise.resolve({
      stop: async () => {
        await reading.stop();
        append({ kind: 'observer', observer: 'receiver', state: 'stopped' });
      },
    });
  };
}

/** What was read so far of the receiver's log. */
class Inbox {
  readonly #append: Append;
  /** What arrived before belongs to an earlier trial. */
  readonly #sinceWallMs: number;
  readonly #told = new Map<string, string>();
  #instance: string | undefined;
  #nextSeq = 0;
  #lost = false;

  constructor(append: Append, sinceWallMs: number) {
    this.#append = append;
    this.#sinceWallMs = sinceWallMs;
  }

  async read(connect: Connect, signal: AbortSignal): Promise<void> {
    const instance = this.#instance === undefined ? '' : `&instance=${encodeURIComponent(this.#instance)}`;
    const stream = await openLines(connect, {
      path: `/received?follow=true&from=${this.#nextSeq}${instance}`,
      timeoutMs: TIMEOUT_MS,
      silenceLimitMs: SILENCE_LIMIT_MS,
      signal,
    });
    if (stream.status === 410) {
      this.#lost = true;
      this.#instance = undefined;
      this.#nextSeq = 0;
    }
    if (stream.status !== 200)
      throw new FiredrillError('observe.http-status', `it answered ${stream.status}`);
    for await (const line of stream.lines)
      this.#take(line as ReceivedHelloLine | ReceivedLine | ReceivedBeatLine);
    throw new FiredrillError('observe.cut', 'its stream ended');
  }

  /** Only a receiver that was started anew forgets; a broken stream is resumed without a loss. */
  tellLoss(fromMonoMs: number, toMonoMs: number): void {
    if (!this.#lost) return;
    this.#lost = false;
    const reason = 'the receiver was started anew';
    this.#append({ kind: 'observer', observer: 'receiver', state: 'gap', reason, fromMonoMs, toMonoMs });
  }

  #take(line: ReceivedHelloLine | ReceivedLine | ReceivedBeatLine): void {
    if (line.type === 'hello') this.#instance = line.instance;
    if (line.type !== 'received') return;
    this.#nextSeq = line.seq + 1;
    if (line.wallMs < this.#sinceWallMs) return;
    if (line.form === 'slack') this.#tellMessage(line.body as SlackMessage);
    else this.#tellAlerts(line.body as WebhookMessage);
  }

  /** The healer writes plain text; what Alertmanager sends is an attachment, and told by its webhook already. */
  #tellMessage({ text }: SlackMessage): void {
    if (typeof text === 'string') this.#append({ kind: 'note', text: `${MESSAGE_PREFIX}${text}` });
  }

  #tellAlerts(message: WebhookMessage): void {
    for (const { fingerprint, status, labels, startsAt } of message.alerts) {
      const episode = `${status} ${startsAt}`;
      if (this.#told.get(fingerprint) === episode) continue;
      this.#told.set(fingerprint, episode);
      const name = labels['alertname'] ?? '';
      this.#append({
        kind: 'alert',
        source: 'receiver',
        name,
        state: status,
        labels,
        startsAtWallMs: Date.parse(startsAt),
      });
    }
  }
}
