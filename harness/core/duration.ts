import { FiredrillError } from './errors.ts';

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof UNIT_MS;

const TERM = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/y;

/**
 * Milliseconds of a duration such as `250ms`, `10s`, `1.5s`, `5m` or `1m30s` (units from large to small, each once).
 * `where` names the setting in the error, e.g. `slo().stableFor`.
 */
export function parseDuration(text: string, where = 'duration'): number {
  // Scenarios run without a check of their types, so that anything may arrive here.
  const given: unknown = text;
  if (typeof given !== 'string')
    throw badDuration(String(given), where, given === undefined ? 'it is missing' : 'it is not a text');
  let totalMs = 0;
  let position = 0;
  let previousUnitMs = Number.POSITIVE_INFINITY;
  while (position < text.length) {
    TERM.lastIndex = position;
    const term = TERM.exec(text);
    if (term === null) throw badDuration(text, where, describeRest(text, position));
    const unit = term[2] as Unit;
    if (UNIT_MS[unit] >= previousUnitMs)
      throw badDuration(text, where, `"${unit}" comes after a unit that is not larger`);
    previousUnitMs = UNIT_MS[unit];
    totalMs += Number(term[1]) * UNIT_MS[unit];
    position = TERM.lastIndex;
  }
  if (text.length === 0) throw badDuration(text, where, 'it is empty');
  return totalMs;
}

function describeRest(text: string, position: number): string {
  const rest = text.slice(position);
  if (/^\d+(\.\d+)?$/.test(rest)) return `"${rest}" has no unit`;
  if (/^\s|\s$/.test(rest)) return 'it contains a space';
  if (rest.startsWith('-')) return 'it is negative';
  return `"${rest}" is no number with a unit`;
}

function badDuration(text: string, where: string, problem: string): FiredrillError {
  return new FiredrillError('duration.malformed', `${where}: "${text}" is no duration: ${problem}`, {
    hint: 'write a number with one of the units ms, s, m, h, d, for example 250ms, 10s or 1m30s',
  });
}

/** A duration for a sentence: `250 ms`, `3.9 s`, `54 s`, `355 s`, `25 min`. */
export function formatDuration(ms: number): string {
  const size = Math.abs(ms);
  if (size < 1_000) return `${Math.round(ms)} ms`;
  if (size < 10_000) return `${trimZero((ms / 1_000).toFixed(2))} s`;
  if (size < 100_000) return `${trimZero((ms / 1_000).toFixed(1))} s`;
  if (size < 600_000) return `${Math.round(ms / 1_000)} s`;
  return `${trimZero((ms / 60_000).toFixed(1))} min`;
}

/** A time in seconds and the bracket that holds the true one, rounded outwards: `2.53 s (2.44 to 2.97)`. */
export function formatBracket(ms: number, lowMs: number, highMs: number): string {
  const widthMs = highMs - lowMs;
  const digits = widthMs < 20 ? 3 : widthMs < 2_000 ? 2 : widthMs < 20_000 ? 1 : 0;
  const unit = 10 ** digits / 1_000;
  // What is whole but for the error of its arithmetic is whole.
  const low = Math.floor(lowMs * unit + 1e-6) / unit;
  const high = Math.ceil(highMs * unit - 1e-6) / unit;
  const text = (value: number): string =>
    ((value === 0 ? 0 : value) / 1_000).toFixed(digits).replace('-', '\u2212');
  return `${text(ms)} s (${text(low)} to ${text(high)})`;
}

function trimZero(text: string): string {
  return text.replace(/\.?0+$/, '');
}

/** The shortest text that `parseDuration` reads back to the same number of whole milliseconds. */
export function durationText(ms: number): string {
  let restMs = Math.round(ms);
  if (restMs === 0) return '0s';
  let text = '';
  for (const unit of ['d', 'h', 'm', 's', 'ms'] as const) {
    const count = Math.floor(restMs / UNIT_MS[unit]);
    if (count === 0) continue;
    text += `${count}${unit}`;
    restMs -= count * UNIT_MS[unit];
  }
  return text;
}
