import type { Duplex } from 'node:stream';
import type { KubeClient } from './client.ts';

export interface ExecOptions {
  readonly container?: string;
  readonly stdin?: string | Buffer;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}
export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}
/** Runs a command in a container; a non-zero exit code is a result, not an error. */
export declare function exec(
  kube: KubeClient,
  pod: { readonly namespace: string; readonly name: string },
  command: readonly string[],
  options?: ExecOptions,
): Promise<ExecResult>;
/** A connection to a port of a pod, through the API server. */
export declare function portForward(
  kube: KubeClient,
  pod: { readonly namespace: string; readonly name: string },
  port: number,
  signal?: AbortSignal,
): Promise<Duplex>;
