import { formatBracket } from '../../harness/core/duration.ts';
import { findRow } from '../../harness/core/faults/catalogue.ts';
import type { Fault, ResolvedTarget } from '../../harness/core/faults/fault.ts';
import type { Duration, Mark, Measured, Verdict } from '../../harness/core/verdict.ts';

/** A length of time with as many digits as a reader can use: `0.02 s`, `3.9 s`, `54.2 s`, `355 s`. */
export function seconds(ms: number): string {
  const value = ms / 1000;
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 0.095 || size === 0 ? 1 : size >= 0.0095 ? 2 : 3;
  const text = value.toFixed(digits);
  return `${Number(text) === 0 ? text.replace('-', '') : text} s`;
}

/** A length of time that somebody chose, with the digits that they gave: `10 s`, `2.5 s`. */
export function chosenSeconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(3))} s`;
}

/** A length of time with its sign, for instants that are counted from the effective fault. */
export function offsetSeconds(ms: number): string {
  const text = seconds(ms);
  return text.startsWith('-') ? `\u2212${text.slice(1)}` : `+${text}`;
}

/** A mark's instant after another, with the bracket that holds the true one: `+2.53 s (2.44 to 2.97)`. */
export function offsetBracket(
  { beforeMs, afterMs }: Pick<Mark, 'beforeMs' | 'afterMs'>,
  atMs: number,
): string {
  const text = formatBracket(atMs, atMs - beforeMs, atMs + afterMs);
  return text.startsWith('\u2212') ? text : `+${text}`;
}

/** A measured duration as the instant at which it ended. */
export function offsetDuration({ ms, lowMs, highMs }: Measured): string {
  return offsetBracket({ beforeMs: ms - lowMs, afterMs: highMs - ms }, ms);
}

export function describeDuration(duration: Duration): string {
  switch (duration.kind) {
    case 'measured':
      return formatBracket(duration.ms, duration.lowMs, duration.highMs);
    case 'no-impact':
      return 'no user impact';
    case 'censored':
      return `not within ${seconds(duration.atLeastMs)}`;
    case 'unknown':
      return `unknown: ${duration.reason}`;
  }
}

/** Why a figure is not known is told by the findings. */
export function figureOf(duration: Duration): string {
  return duration.kind === 'unknown' ? 'unknown' : describeDuration(duration);
}

/** Of an injection what its name takes. */
interface ToldFault {
  readonly fault: Fault;
  readonly resolved?: { readonly targets: readonly ResolvedTarget[] };
  readonly effective?: object;
}

/** What was done, and to what: `node-2 powered off`; only named, `node.power-off on node-2`, where no effect was seen. */
export function describeFault({ fault, resolved, effective }: ToldFault): string {
  const done = effective === undefined ? undefined : findRow(fault.kind)?.done;
  const names = listNames((resolved?.targets ?? []).map((target) => target.name));
  if (names === '') return done === undefined ? fault.kind : `${fault.target.kind} ${done}`;
  return done === undefined ? `${fault.kind} on ${names}` : `${names} ${done}`;
}

/** Names joined for a sentence; more than three are counted. */
function listNames(names: readonly string[]): string {
  if (names.length <= 3) return names.join(', ');
  return `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`;
}

export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${number} ${number === 1 ? singular : plural}`;
}

/** A share as a percentage that never rounds a loss away: `100 %` is printed for all good only. */
export function percent(share: number): string {
  if (share === 0 || share === 1) return `${share * 100} %`;
  const value = share * 100;
  if (share >= 0.9995 && share < 1) return '> 99.9 %';
  if (value < 0.001) return '< 0.001 %';
  return `${value >= 10 ? value.toFixed(1) : value.toPrecision(value < 1 ? 1 : 2)} %`;
}

export function findMark(marks: readonly Mark[], name: Mark['name']): Mark | undefined {
  return marks.find((mark) => mark.name === name);
}

export function titleOf({ verdict }: { readonly verdict: Verdict }): string {
  return `${verdict.scenario} › ${verdict.title}${verdict.control ? ' (control)' : ''}`;
}
