import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { WebSocket } from 'ws';
import type { KubeClient } from './client.ts';
import { KubeError, refusal } from './errors.ts';
import type { QueryValue } from './transport.ts';

interface WebSocketRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, QueryValue>>;
  /** The subprotocol that both sides have to speak. */
  readonly protocol: string;
  readonly signal?: AbortSignal | undefined;
  /** For the handshake; default 10 000. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Opens a websocket to a subresource of the API server. Rejects with a KubeError when it is refused.
 * `onMessage` gets every message from the first on: the server may send before we know that it is open.
 */
export function openWebSocket(
  kube: KubeClient,
  request: WebSocketRequest,
  onMessage: (message: Buffer) => void,
): Promise<WebSocket> {
  return kube.transport.renewing(() => openOnce(kube, request, onMessage));
}

async function openOnce(
  kube: KubeClient,
  request: WebSocketRequest,
  onMessage: (message: Buffer) => void,
): Promise<WebSocket> {
  const { path, query, protocol, signal, timeoutMs = 10_000 } = request;
  signal?.throwIfAborted();
  await kube.target.refresh?.();
  // Loaded here: a healer, which opens none, starts without it.
  const { WebSocket: Socket } = await import('ws');
  const socket = new Socket(kube.transport.urlOf(path, query), [protocol], {
    ...kube.transport.upgradeOptions(),
    handshakeTimeout: timeoutMs,
    perMessageDeflate: false,
  });
  // The type allows for what other settings of the socket would bring.
  socket.on('message', (data) => onMessage(data as Buffer));
  const abort = () => socket.terminate();
  signal?.addEventListener('abort', abort, { once: true });
  socket.once('close', () => signal?.removeEventListener('abort', abort));
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.on('error', (error) =>
      reject(signal?.aborted === true ? abortReason(signal) : broken(path, error)),
    );
    socket.once('unexpected-response', (asked, response) => {
      refused(path, response)
        .then(reject, reject)
        .finally(() => asked.destroy());
    });
  });
  return socket;
}

async function refused(path: string, response: IncomingMessage): Promise<KubeError> {
  return refusal('CONNECT', path, response.statusCode ?? 0, await text(response));
}

function broken(path: string, cause: Error): KubeError {
  const facts = { status: 0, reason: '', maybeApplied: true, cause };
  return new KubeError('kube.unreachable', `CONNECT ${path}: ${cause.message}`, facts);
}

function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason));
}
