import { FiredrillError } from '../errors.ts';
import { NODE_FAULTS } from './catalogue/node.ts';
import { POD_FAULTS } from './catalogue/pod.ts';
import type { FaultRow } from './fault-row.ts';

/** Every kind of fault; what can be said of one without its code stands here, and nowhere else. */
export const FAULTS = { ...NODE_FAULTS, ...POD_FAULTS };

export type FaultKind = keyof typeof FAULTS;

/** Undefined for a kind of another version, as a journal may have it. */
export function findRow(kind: string): FaultRow | undefined {
  return Object.hasOwn(FAULTS, kind) ? FAULTS[kind as FaultKind] : undefined;
}

/** @throws FiredrillError `fault.unknown-kind` */
export function rowOf(kind: string): FaultRow {
  const row = findRow(kind);
  if (row !== undefined) return row;
  throw new FiredrillError('fault.unknown-kind', `there is no fault "${kind}"`, {
    hint: `known are ${Object.keys(FAULTS).join(', ')}`,
  });
}
