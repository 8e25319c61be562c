import type { WebSocket } from 'ws';
import { FiredrillError } from '../../harness/core/errors.ts';
import type { KubeClient } from './client.ts';
import { KubeError } from './errors.ts';
import type { PodRef } from './logs.ts';
import type { Status } from './objects.ts';
import { openWebSocket } from './web-socket.ts';

export interface ExecOptions {
  /** May be left out where the pod has one. */
  readonly container?: string | undefined;
  /** Sent, and then closed. */
  readonly stdin?: string | Buffer | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For the handshake. */
  readonly timeoutMs?: number | undefined;
  /** Of standard output and error together; default 16 MiB. */
  readonly maxOutputBytes?: number | undefined;
}

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

const PROTOCOL = 'v5.channel.k8s.io';
/** The first byte of each message says which stream it belongs to. */
const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const OUTCOME = 3;
/** Followed by the channel that is closed. */
const CLOSE = 255;

/**
 * Runs a command in a container. A non-zero exit code is a result, not an error; an error is a command that could not
 * be started, or a connection that broke, after which nobody knows whether it still runs.
 */
export async function exec(
  kube: KubeClient,
  pod: PodRef,
  command: readonly string[],
  options: ExecOptions = {},
): Promise<ExecResult> {
  const { container, stdin, signal, timeoutMs, maxOutputBytes = 16 * 2 ** 20 } = options;
  const ref = { apiVersion: 'v1', kind: 'Pod', namespace: pod.namespace, name: pod.name };
  const path = await kube.pathOf(ref, { signal }, 'exec');
  const query = { command, container, stdin: stdin !== undefined, stdout: true, stderr: true };
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const outcome = Promise.withResolvers<number>();
  // It may come before anybody waits for it.
  outcome.promise.catch(() => undefined);
  let bytes = 0;
  const onMessage = (message: Buffer): void => {
    const channel = message[0];
    const data = message.subarray(1);
    if (channel === OUTCOME) settle(outcome, path, data);
    if (channel !== STDOUT && channel !== STDERR) return;
    bytes += data.length;
    if (bytes > maxOutputBytes) outcome.reject(tooMuch(command, maxOutputBytes));
    else (channel === STDOUT ? stdout : stderr).push(data);
  };
  const socket = await openWebSocket(kube, { path, query, protocol: PROTOCOL, signal, timeoutMs }, onMessage);
  socket.once('close', (code) =>
    outcome.reject(signal?.aborted === true ? signal.reason : cutOff(path, code)),
  );
  try {
    if (stdin !== undefined) sendInput(socket, stdin);
    const exitCode = await outcome.promise;
    return { exitCode, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) };
  } finally {
    socket.terminate();
  }
}

function sendInput(socket: WebSocket, input: string | Buffer): void {
  socket.send(Buffer.concat([Buffer.of(STDIN), Buffer.from(input)]));
  socket.send(Buffer.of(CLOSE, STDIN));
}

function settle(outcome: PromiseWithResolvers<number>, path: string, data: Buffer): void {
  const status = JSON.parse(data.toString('utf8')) as Status;
  const exitCode = status.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
  if (status.status === 'Success') outcome.resolve(0);
  else if (exitCode !== undefined) outcome.resolve(Number(exitCode));
  else {
    const facts = { status: status.code ?? 500, reason: status.reason ?? '', verb: 'CONNECT', path };
    outcome.reject(
      new KubeError('kube.exec-failed', `CONNECT ${path}: ${status.message ?? 'no reason'}`, facts),
    );
  }
}

function cutOff(path: string, code: number): KubeError {
  const facts = { status: 0, reason: '', verb: 'CONNECT', path, maybeApplied: true };
  return new KubeError(
    'kube.unreachable',
    `CONNECT ${path}: closed (${code}) before the command ended`,
    facts,
  );
}

function tooMuch(command: readonly string[], limit: number): FiredrillError {
  return new FiredrillError('kube.too-much-output', `${command.join(' ')} wrote more than ${limit} bytes`);
}
