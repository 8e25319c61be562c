import { FiredrillError } from '../../../harness/core/errors.ts';
import type { ProbeExpectation, ProbeTargetSpec, ProbeTargetState } from './protocol.ts';

/** A target with every default filled in. */
export type CompleteSpec = ProbeTargetState['spec'];

const DEFAULT_INTERVAL_MS = 50;
const DEFAULT_TIMEOUT_MS = 1_000;
const DEFAULT_UNREAD_LIMIT_MS = 600_000;

/**
 * Reads a target from outside; names every problem at once (`probe.bad-target`). Its checks are not zod's: with zod/mini the
 * agent's program of 34 kB would grow by 43 kB.
 */
export function parseSpec(input: unknown): CompleteSpec {
  if (typeof input !== 'object' || input === null) throw badTarget(['the body is no object']);
  const spec = input as Partial<Record<keyof ProbeTargetSpec, unknown>>;
  const problems: string[] = [];
  const known = ['name', 'url', 'expect', 'intervalMs', 'timeoutMs', 'resolve', 'unreadLimitMs'];
  for (const key of Object.keys(input)) if (!known.includes(key)) problems.push(`${key}: unknown key`);

  const name = typeof spec.name === 'string' ? spec.name : '';
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name))
    problems.push('name: not kebab-case of 1 to 63 characters');
  const url = typeof spec.url === 'string' ? spec.url : '';
  if (!isHttpUrl(url)) problems.push('url: not an http:// URL');
  const numberOf = (
    key: 'intervalMs' | 'timeoutMs' | 'unreadLimitMs',
    fallback: number,
    least: number,
    most: number,
  ): number => {
    const value = spec[key] ?? fallback;
    if (typeof value === 'number' && value >= least && value <= most) return value;
    problems.push(`${key}: not a number from ${least} to ${most}`);
    return fallback;
  };
  const intervalMs = numberOf('intervalMs', DEFAULT_INTERVAL_MS, 10, 60_000);
  const timeoutMs = numberOf('timeoutMs', DEFAULT_TIMEOUT_MS, 10, 60_000);
  const unreadLimitMs = numberOf('unreadLimitMs', DEFAULT_UNREAD_LIMIT_MS, 1_000, 86_400_000);
  const resolve = spec.resolve ?? 'once';
  if (resolve !== 'once' && resolve !== 'each') problems.push('resolve: neither "once" nor "each"');
  const expect = parseExpectation(spec.expect, problems);
  if (problems.length > 0) throw badTarget(problems);
  return {
    name,
    url,
    expect,
    intervalMs,
    timeoutMs,
    resolve: resolve === 'each' ? 'each' : 'once',
    unreadLimitMs,
  };
}

function parseExpectation(input: unknown, problems: string[]): ProbeExpectation {
  if (input === undefined) return {};
  if (typeof input !== 'object' || input === null) {
    problems.push('expect: no object');
    return {};
  }
  const { status, bodyIncludes } = input as Partial<Record<keyof ProbeExpectation, unknown>>;
  for (const key of Object.keys(input)) {
    if (key !== 'status' && key !== 'bodyIncludes') problems.push(`expect.${key}: unknown key`);
  }
  if (status !== undefined && !isStatusList(status)) problems.push('expect.status: no list of status codes');
  if (bodyIncludes !== undefined && typeof bodyIncludes !== 'string')
    problems.push('expect.bodyIncludes: no string');
  return {
    ...(isStatusList(status) ? { status } : {}),
    ...(typeof bodyIncludes === 'string' ? { bodyIncludes } : {}),
  };
}

function isStatusList(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((code) => Number.isInteger(code) && code >= 100 && code <= 599);
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === 'http:';
}

function badTarget(problems: readonly string[]): FiredrillError {
  return new FiredrillError('probe.bad-target', `bad target: ${problems.join('; ')}`);
}
