import type { RunningService } from './service.ts';

/** Well inside the pod's grace period of 5 s: endpoints are withdrawn within 1 s, requests take at most 1 s. */
export const DRAIN_MS = 2_000;
export const GRACE_MS = 1_200;

/** Starts a service, and drains it when the kubelet asks the process to end. */
export async function runUntilTold(start: () => Promise<RunningService>): Promise<void> {
  // Before anything else: as the first process of a container, one without handlers would not even notice the signal.
  const told = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  });
  const service = await start();
  log({ event: 'listening', port: service.port });
  const signal = await told;
  log({ event: 'draining', signal });
  await service.drain();
  log({ event: 'drained' });
  process.exit(0);
}

/** One JSON line on standard output. */
export function log(fields: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...fields })}\n`);
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that is a whole number. */
export function integerOf(env: Environment, name: string, fallback: number): number {
  const text = env[name];
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0)
    throw new Error(`${name} is ${JSON.stringify(text)}, not a whole number`);
  return value;
}

/** A value that must be set: without it the service would answer, but never usefully. */
export function requiredOf(env: Environment, name: string): string {
  const text = env[name];
  if (text === undefined || text === '' || text.includes('$(')) {
    throw new Error(
      `${name} is ${JSON.stringify(text)}; it must name the catalogue's service, which has to exist first`,
    );
  }
  return text;
}
