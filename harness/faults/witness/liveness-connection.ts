import type { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import type { LivenessConnection } from '../injector.ts';

export const KUBELET_PORT = 10250;

/** A TLS connection to a kubelet. Its certificate does not matter: any answer is life. */
export function openLivenessConnection(tunnel: Duplex): LivenessConnection {
  const socket = tlsConnect({ socket: tunnel, rejectUnauthorized: false });
  return connectionOver(socket, tunnel, 'GET /healthz HTTP/1.1\r\nHost: kubelet\r\n\r\n');
}

/** A plain HTTP connection to a pod, over which it is asked for a path. */
export function openPlainConnection(tunnel: Duplex, path: string): LivenessConnection {
  return connectionOver(tunnel, tunnel, `GET ${path} HTTP/1.1\r\nHost: pod\r\n\r\n`);
}

function connectionOver(socket: Duplex, tunnel: Duplex, request: string): LivenessConnection {
  let broken: Error | undefined;
  let settle: ((error?: Error) => void) | undefined;
  const end = (error: Error): void => {
    broken ??= error;
    settle?.(broken);
  };
  socket.on('data', () => settle?.());
  // OpenSSL's own words for a cut stream say nothing to anybody.
  socket.on('error', (error: NodeJS.ErrnoException) =>
    end(new Error(`connection broken, ${error.code ?? error.message}`)),
  );
  socket.on('close', () => end(new Error('connection closed')));
  tunnel.on('error', end);
  return {
    ask: (withinMs) =>
      new Promise<void>((resolve, reject) => {
        if (broken !== undefined) {
          reject(broken);
          return;
        }
        const timer = setTimeout(() => settle?.(new Error(`no answer within ${withinMs} ms`)), withinMs);
        settle = (error) => {
          settle = undefined;
          clearTimeout(timer);
          if (error === undefined) resolve();
          else reject(error);
        };
        socket.write(request);
      }),
    close: () => {
      socket.destroy();
      tunnel.destroy();
    },
  };
}
