import https from 'node:https';
import { createSecureContext } from 'node:tls';
import type { Clock } from '../../harness/core/clock.ts';
import type { AskKubelet, KubeletAnswer } from './kubelet-prober.ts';
import { QuestionLine } from './question-line.ts';

/** A time-out that fires this much too late was ours, not the node's. */
const LATE_MS = 250;
/** A TLS handshake costs a millisecond or two: so many at once still fit into one time-out. */
const AT_ONCE = 64;

/**
 * Asks `https://ADDRESS:PORT/healthz`. Any HTTP answer is life, 401 too; a mere TCP connection is none, since a frozen
 * kernel still accepts. The certificate is not checked: the question is whether somebody is there, not who.
 */
export function kubeletAsker(timeoutMs: number, clock: Clock): { readonly ask: AskKubelet; close(): void } {
  // One for all: with one of its own each of thousands of connections takes 97 KB in place of 77, and a third more time to begin.
  const secureContext = createSecureContext();
  const agent = new https.Agent({
    secureContext,
    keepAlive: true,
    maxSockets: 4,
    maxFreeSockets: 1,
    rejectUnauthorized: false,
  });
  const line = new QuestionLine(AT_ONCE);
  return {
    ask: async (address, port, urgent) =>
      await line.take(urgent, async () => await askOnce({ address, port, timeoutMs, agent, clock })),
    close: () => agent.destroy(),
  };
}

interface Question {
  readonly address: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly agent: https.Agent;
  readonly clock: Clock;
}

async function askOnce({ address, port, timeoutMs, agent, clock }: Question): Promise<KubeletAnswer> {
  const startedAtMs = clock.now().monoMs;
  const where = { host: address, port, path: '/healthz' };
  return await new Promise<KubeletAnswer>((resolve) => {
    let request = send({ ...where, agent }, () => {
      // A connection kept from before may have been closed by a kubelet that restarted: a new one tells.
      if (!request.reusedSocket) {
        finish('silent');
        return;
      }
      request = send({ ...where, agent: false, rejectUnauthorized: false }, () => finish('silent'));
    });
    const timer = setTimeout(() => {
      const lateMs = clock.now().monoMs - startedAtMs - timeoutMs;
      const verdict = lateMs > LATE_MS ? 'discarded' : 'silent';
      // Timers come before sockets in each turn of the event loop: an answer that lies there already is read first.
      setImmediate(() => setImmediate(() => finish(verdict)));
    }, timeoutMs);

    function finish(answer: KubeletAnswer): void {
      clearTimeout(timer);
      resolve(answer);
      if (answer !== 'answered') request.destroy();
    }

    function send(options: https.RequestOptions, onError: () => void): ReturnType<typeof https.get> {
      const sent = https.get(options, (response) => {
        // The body does not matter, and its breaking off neither.
        response.on('error', () => undefined);
        response.resume();
        finish('answered');
      });
      sent.on('error', onError);
      return sent;
    }
  });
}
