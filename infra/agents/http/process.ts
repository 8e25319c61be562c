import { once } from 'node:events';
import { describeError } from '../../../harness/core/errors.ts';

/**
 * Runs an agent until SIGTERM or SIGINT. As the first process of a container it gets no default handlers, so that
 * without this every deletion of its pod would take the whole grace period.
 */
export function runAgent(name: string, agent: (signal: AbortSignal) => Promise<void>): void {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => stop.abort(new Error(`${name} got ${signal}`)));
  }
  agent(stop.signal).then(
    () => {
      process.exit(0);
    },
    (error: unknown) => {
      process.stderr.write(`${name}: ${describeError(error)}\n`);
      process.exit(1);
    },
  );
}

/** Resolves when the signal aborts. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
