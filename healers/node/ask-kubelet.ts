import https from 'node:https';
import type { Clock } from '../../harness/core/clock.ts';
import type { AskKubelet, KubeletAnswer } from './kubelet-board.ts';

/** A time-out that fires this much too late was ours, not the node's. */
const LATE_MS = 250;

/**
 * Asks `https://ADDRESS:PORT/healthz`. Any HTTP answer is life, 401 too; a mere TCP connection is none, since a frozen
 * kernel still accepts. The certificate is not checked: the question is whether somebody is there, not who.
 */
export function kubeletAsker(timeoutMs: number, clock: Clock): { readonly ask: AskKubelet; close(): void } {
  const agent = new https.Agent({
    keepAlive: true,
    maxSockets: 4,
    maxFreeSockets: 1,
    rejectUnauthorized: false,
  });
  const ask: AskKubelet = (address, port) =>
    new Promise<KubeletAnswer>((resolve) => {
      const startedAtMs = clock.now().monoMs;
      const finish = (answer: KubeletAnswer): void => {
        clearTimeout(timer);
        resolve(answer);
        request.destroy();
      };
      const timer = setTimeout(() => {
        const lateMs = clock.now().monoMs - startedAtMs - timeoutMs;
        finish(lateMs > LATE_MS ? 'discarded' : 'silent');
      }, timeoutMs);
      const request = https.request({ host: address, port, path: '/healthz', agent }, (response) => {
        clearTimeout(timer);
        response.resume();
        response.on('error', () => undefined);
        resolve('answered');
      });
      // A connection that was kept from before may have been closed by a kubelet that restarts: it answers the next one.
      request.on('error', () => {
        if (request.reusedSocket) resolveOnFreshConnection();
        else finish('silent');
      });
      const resolveOnFreshConnection = (): void => {
        const again = https.request(
          {
            host: address,
            port,
            path: '/healthz',
            agent: false,
            rejectUnauthorized: false,
            timeout: timeoutMs,
          },
          (response) => {
            response.resume();
            finish('answered');
          },
        );
        again.on('error', () => finish('silent'));
        again.on('timeout', () => again.destroy());
        again.end();
      };
      request.end();
    });
  return {
    ask,
    close: () => {
      agent.destroy();
    },
  };
}
