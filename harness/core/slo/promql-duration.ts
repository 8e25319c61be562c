import type { SyntaxNode } from '@lezer/common';
import { arithmetic } from './interval.ts';

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** The value of a duration in a query, in milliseconds: literals, signs, and what operators make of them; 0 where that is no number. */
export function durationMs(query: string, node: SyntaxNode | null): number {
  return node === null ? 0 : Math.round(secondsOf(query, node) * 1_000);
}

function secondsOf(query: string, node: SyntaxNode): number {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  if (children.length === 0) return numberOrDuration(query.slice(node.from, node.to));
  const operands = children
    .filter((child) => /Duration/.test(child.name))
    .map((child) => secondsOf(query, child));
  const operator = children.find((child) => !/Duration/.test(child.name));
  const [left = 0, right] = operands;
  const sign = operator && query.slice(operator.from, operator.to);
  if (sign === undefined || right === undefined) return sign === '-' ? -left : left;
  return arithmetic(sign, [left, left], [right, right])?.[0] ?? 0;
}

/** A number literal of PromQL; a duration is its seconds. */
export function numberOrDuration(text: string): number {
  const plain = /^([-+]?)\s*(.*)$/.exec(text.replaceAll('_', '').toLowerCase());
  const sign = plain?.[1] === '-' ? -1 : 1;
  const digits = plain?.[2] ?? '';
  if (digits === 'inf') return sign * Infinity;
  if (digits === 'nan') return Number.NaN;
  const asNumber = Number(digits);
  if (digits !== '' && !Number.isNaN(asNumber)) return sign * asNumber;
  let totalMs = 0;
  for (const [, amount, unit] of digits.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdwy])/g)) {
    totalMs += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  }
  return (sign * totalMs) / 1_000;
}
