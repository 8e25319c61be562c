import type { Clock } from '../../harness/core/clock.ts';
import type { Audit } from '../runtime/audit-file.ts';
import { Latch } from './latch.ts';

interface SuspensionInput {
  readonly leases: number;
  readonly staleLeases: number;
  readonly nodes: number;
  /** Nodes whose lease is renewed and whose kubelet does not answer us. */
  readonly unheard: number;
  readonly apiAgeMs: number;
}

interface SuspensionOptions {
  readonly clock: Clock;
  readonly audit: Audit;
  readonly apiFreshMs: number;
  /** How long leases and API access have to be good again. */
  readonly goodForMs: number;
  readonly onChange: (reason: string | undefined) => void;
}

/**
 * Stands still when most node leases went stale together, when most kubelets that others hear do not answer us, or when
 * our own access to the API server is doubtful: then the fault is likelier to be ours than theirs. It says so once, and ends only after the evidence was good for a while.
 */
export class Suspension {
  readonly #latch: Latch;
  readonly #apiFreshMs: number;

  constructor({ apiFreshMs, ...options }: SuspensionOptions) {
    this.#apiFreshMs = apiFreshMs;
    this.#latch = new Latch({ ...options, subject: 'healer' });
  }

  /** Why nothing is done at present; undefined when all is well. */
  get reason(): string | undefined {
    return this.#latch.reason;
  }

  see(input: SuspensionInput): void {
    this.#latch.see(doubtOf(input, this.#apiFreshMs));
  }
}

function doubtOf(input: SuspensionInput, apiFreshMs: number): string | undefined {
  if (input.apiAgeMs > apiFreshMs) {
    return `the API server last answered us ${(input.apiAgeMs / 1000).toFixed(1)} s ago`;
  }
  if (input.unheard > 1 && input.unheard * 2 > input.nodes) {
    return `${input.unheard} of ${input.nodes} kubelets do not answer us, although their leases are renewed`;
  }
  if (input.staleLeases > 1 && input.staleLeases * 2 > input.leases) {
    return `${input.staleLeases} of ${input.leases} node leases went stale together`;
  }
  return undefined;
}
