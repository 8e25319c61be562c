import { pause, systemClock, type Clock } from '../core/clock.ts';
import { FiredrillError, messageOf } from '../core/errors.ts';
import type {
  ReceivedBeatLine,
  ReceivedHelloLine,
  ReceivedLine,
  SlackMessage,
  WebhookMessage,
} from '../../infra/agents/receiver/protocol.ts';
import { openLines, type Connect } from '../../infra/http/http.ts';
import { isAborted, watchUntilStopped, type Append, type StartObserver } from './observer.ts';
import { Sight } from './sight.ts';

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
  readonly token: string;
  readonly clock?: Clock;
}): StartObserver {
  const clock = options.clock ?? systemClock;
  return (append, signal) => {
    const sight = new Sight(append, clock, 'receiver');
    const inbox = new Inbox(append, sight, clock.now().wallMs);
    const reading = watchUntilStopped('receiver', append, signal, async (running) => {
      while (!isAborted(running)) {
        try {
          await inbox.read(options, running);
        } catch (error) {
          if (isAborted(running)) return;
          append({ kind: 'note', text: `receiver: ${messageOf(error)}` });
          // A broken stream that is resumed at once has lost nothing.
          if (!inbox.wasOpen) sight.lose(messageOf(error));
          await pause(clock, RETRY_MS, running);
        }
      }
    });
    return Promise.resolve(reading);
  };
}

/** What was read so far of the receiver's log. */
class Inbox {
  readonly #append: Append;
  readonly #sight: Sight;
  /** What arrived before belongs to an earlier trial. */
  readonly #sinceWallMs: number;
  readonly #told = new Map<string, string>();
  #instance: string | undefined;
  #nextSeq = 0;
  /** The last stream that was asked for has begun. */
  wasOpen = false;

  constructor(append: Append, sight: Sight, sinceWallMs: number) {
    this.#append = append;
    this.#sight = sight;
    this.#sinceWallMs = sinceWallMs;
  }

  async read(
    { connect, token }: { readonly connect: Connect; readonly token: string },
    signal: AbortSignal,
  ): Promise<void> {
    this.wasOpen = false;
    const instance = this.#instance === undefined ? '' : `&instance=${encodeURIComponent(this.#instance)}`;
    const stream = await openLines(connect, {
      path: `/received?follow=true&from=${this.#nextSeq}${instance}`,
      token,
      timeoutMs: TIMEOUT_MS,
      silenceLimitMs: SILENCE_LIMIT_MS,
      signal,
    });
    if (stream.status === 410) {
      this.#sight.lose('the receiver was started anew');
      this.#instance = undefined;
      this.#nextSeq = 0;
    }
    if (stream.status !== 200)
      throw new FiredrillError('observe.http-status', `it answered ${stream.status}`);
    for await (const line of stream.lines)
      this.#take(line as ReceivedHelloLine | ReceivedLine | ReceivedBeatLine);
    throw new FiredrillError('observe.cut', 'its stream ended');
  }

  #take(line: ReceivedHelloLine | ReceivedLine | ReceivedBeatLine): void {
    this.wasOpen = true;
    this.#sight.seen();
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
