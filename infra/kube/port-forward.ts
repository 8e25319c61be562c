import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { FiredrillError } from '../../harness/core/errors.ts';
import type { CallOptions, KubeClient } from './client.ts';
import type { PodRef } from './logs.ts';
import { openWebSocket } from './web-socket.ts';

const PROTOCOL = 'v4.channel.k8s.io';
/** The first byte of each message says which stream it belongs to. */
const DATA = 0;
const PROBLEM = 1;
/** Each stream begins with the port's number, two bytes. */
const PREAMBLE_BYTES = 2;

/**
 * A connection to a port of a pod, through the API server and the kubelet. Use `cluster.connect` where there is one:
 * this way takes three hops, and cannot be closed in one direction only: `end()` sends nothing, `destroy()` closes.
 */
export async function portForward(
  kube: KubeClient,
  pod: PodRef,
  port: number,
  options: CallOptions = {},
): Promise<Duplex> {
  const { signal, timeoutMs } = options;
  const ref = { apiVersion: 'v1', kind: 'Pod', namespace: pod.namespace, name: pod.name };
  const path = await kube.resources.pathOf(ref, { signal }, 'portforward');
  const connection = new ForwardedPort(port);
  const request = { path, query: { ports: port }, protocol: PROTOCOL, signal, timeoutMs };
  // Until it is the caller's to listen to, what breaks it is ours to throw.
  const ignore = () => undefined;
  connection.on('error', ignore);
  connection.attach(await openWebSocket(kube, request, (message) => connection.receive(message)));
  if (connection.errored !== null) throw connection.errored;
  connection.off('error', ignore);
  return connection;
}

class ForwardedPort extends Duplex {
  readonly #port: number;
  #socket: WebSocket | undefined;
  readonly #toSkip = new Map([
    [DATA, PREAMBLE_BYTES],
    [PROBLEM, PREAMBLE_BYTES],
  ]);

  constructor(port: number) {
    super();
    this.#port = port;
  }

  attach(socket: WebSocket): void {
    this.#socket = socket;
    if (this.destroyed) socket.terminate();
    socket.once('close', () => {
      this.push(null);
      this.end();
    });
    socket.on('error', (error) => this.destroy(error));
  }

  receive(message: Buffer): void {
    const channel = message[0] ?? DATA;
    const skipped = Math.min(this.#toSkip.get(channel) ?? 0, message.length - 1);
    this.#toSkip.set(channel, (this.#toSkip.get(channel) ?? 0) - skipped);
    const data = message.subarray(1 + skipped);
    if (data.length === 0) return;
    if (channel === DATA) {
      if (!this.push(data)) this.#socket?.pause();
      return;
    }
    const said = data.toString('utf8');
    this.destroy(new FiredrillError('kube.port-forward-failed', `port ${this.#port} of the pod: ${said}`));
  }

  override _read(): void {
    this.#socket?.resume();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    const socket = this.#socket;
    if (socket === undefined) done(new FiredrillError('kube.port-forward-failed', 'not connected'));
    else socket.send(Buffer.concat([Buffer.of(DATA), chunk]), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket?.terminate();
    done(error);
  }
}
