import type { Undo } from '../../harness/core/faults/fault.ts';
import type { MachineUndo } from '../../harness/core/faults/undo-catalogue.ts';
import { undoOf } from '../../harness/core/faults/undo-catalogue.ts';

/** The machine verbs that an undo may need; each is safe to repeat. */
export type UndoMachines = Readonly<Record<MachineUndo['act'], (node: string) => Promise<void>>> & {
  /** Undefined where the machine was retired: then there is nothing left to undo. */
  state(node: string): Promise<{ readonly fenced: boolean } | undefined>;
};

/**
 * Carries out one undo after the death of whoever made the effect. Tolerates a target that was fenced, replaced or
 * retired in the meantime: healing is never residue, and an undo never revives what a healer has fenced.
 * @throws FiredrillError `undo.unknown-verb`
 */
export async function runUndo(undo: Undo, machines: UndoMachines): Promise<void> {
  const known = undoOf(undo.verb);
  if (known.act === 'none') return;
  const { act, revives } = known;
  const node = String(undo.args['node']);
  const state = await machines.state(node);
  if (state === undefined || (revives && state.fenced)) return;
  await machines[act](node);
}
