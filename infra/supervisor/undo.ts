import { FiredrillError } from '../../harness/core/errors.ts';
import type { Undo } from '../../harness/core/fault.ts';

/** The machine verbs that an undo may need; each is safe to repeat. */
export interface UndoMachines {
  powerOn(node: string): Promise<void>;
  thaw(node: string): Promise<void>;
  cableIn(node: string): Promise<void>;
  /** Undefined where the machine was retired: then there is nothing left to undo. */
  state(node: string): Promise<{ readonly fenced: boolean } | undefined>;
}

/** Verbs of undos that the supervisor can carry out after the death of whoever made the effect. */
export const UNDO_VERBS = ['node.power-on', 'node.thaw', 'node.cable-in'] as const;

/**
 * Carries out one undo. Tolerates a target that was fenced, replaced or retired in the meantime: healing is never
 * residue, and an undo never revives what a healer has fenced.
 * @throws FiredrillError `undo.unknown-verb`
 */
export async function runUndo(undo: Undo, machines: UndoMachines): Promise<void> {
  const node = String(undo.args['node']);
  const state = await machines.state(node);
  if (state === undefined) return;
  switch (undo.verb) {
    case 'node.power-on':
      return state.fenced ? undefined : machines.powerOn(node);
    case 'node.thaw':
      return machines.thaw(node);
    case 'node.cable-in':
      return machines.cableIn(node);
    default:
      throw new FiredrillError('undo.unknown-verb', `${undo.verb} is none of ${UNDO_VERBS.join(', ')}`);
  }
}
