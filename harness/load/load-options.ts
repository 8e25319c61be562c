import { FiredrillError } from '../core/errors.ts';

/** How much load, on what. */
export interface LoadOptions {
  /** Where users go, as seen from inside the cluster. */
  readonly target: string;
  /** Users that come per second, each with one request. */
  readonly ratePerSecond: number;
  /** How long a user waits before giving up. */
  readonly timeoutMs: number;
  /** The load ends by itself after this long, should nobody stop it. */
  readonly atMostMs: number;
}

export const LOAD_DEFAULTS = { ratePerSecond: 50, timeoutMs: 1_000, atMostMs: 3_600_000 } as const;

/** Throws `load.bad-options` with every problem that the options have. */
export function checkLoadOptions(options: LoadOptions): void {
  const problems: string[] = [];
  if (!/^https?:$/.test(URL.parse(options.target)?.protocol ?? ''))
    problems.push(`target: ${JSON.stringify(options.target)} is no http URL`);
  if (
    !Number.isInteger(options.ratePerSecond) ||
    options.ratePerSecond < 1 ||
    options.ratePerSecond > 10_000
  ) {
    problems.push(`ratePerSecond: ${options.ratePerSecond} is no whole number from 1 to 10000`);
  }
  if (!Number.isInteger(options.timeoutMs) || options.timeoutMs < 10 || options.timeoutMs > 60_000) {
    problems.push(`timeoutMs: ${options.timeoutMs} is no whole number from 10 to 60000`);
  }
  if (!(options.atMostMs >= 1_000)) problems.push(`atMostMs: ${options.atMostMs} is less than 1000`);
  if (problems.length > 0) {
    throw new FiredrillError('load.bad-options', `the load cannot be: ${problems.join('; ')}`);
  }
}
