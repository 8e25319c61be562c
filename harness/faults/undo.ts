import type { Clock } from '../core/clock.ts';
import type { Undo } from '../core/faults/fault.ts';
import type { MachineUndo } from '../core/faults/undo-catalogue.ts';
import { undoOf } from '../core/faults/undo-catalogue.ts';
import type { Cluster, NodeInspection } from '../../infra/cluster.ts';
import type { NodeReturn } from '../../infra/kube/node-return.ts';

/** What an undo works with. */
export interface UndoContext {
  readonly cluster: Pick<Cluster, 'machines'>;
  readonly clock: Clock;
  readonly nodeReturn: Pick<NodeReturn, 'lastRenewal' | 'awaitReady'>;
}

/** What each undo gets, counted from its own start. */
export const UNDO_DEADLINE_MS = 35_000;

/**
 * Undoes one effect and returns what was seen afterwards; safe to repeat.
 * A machine that was fenced or replaced meanwhile is left as it is: healing is never residue.
 *
 * @throws FiredrillError `undo.unknown-verb`, `undo.not-gone` when the effect can still be seen at the end.
 */
export async function executeUndo(undo: Undo, context: UndoContext, signal: AbortSignal): Promise<string> {
  const known = undoOf(undo.verb);
  if (known.act === 'none') return `${String(undo.args['name'])} ${known.gone}`;
  const node = String(undo.args['node']);
  if (!known.revives) return (await undoOnMachine(node, context, signal, known)).observation;
  // An API server that does not answer must not keep a machine from being switched on.
  const [renewal, undone] = await Promise.allSettled([
    context.nodeReturn.lastRenewal(node, signal),
    undoOnMachine(node, context, signal, known),
  ]);
  if (undone.status === 'rejected') throw undone.reason;
  const { left, observation } = undone.value;
  if (left) return observation;
  if (renewal.status === 'rejected') throw renewal.reason;
  await context.nodeReturn.awaitReady(node, renewal.value, { timeoutMs: UNDO_DEADLINE_MS, signal });
  return `${observation}, and Ready`;
}

async function undoOnMachine(
  node: string,
  context: UndoContext,
  signal: AbortSignal,
  undo: MachineUndo,
): Promise<{ readonly left: boolean; readonly observation: string }> {
  const { machines } = context.cluster;
  const before = await machines.inspect(node);
  const healed = healedState(before);
  if (healed !== undefined) return { left: true, observation: `${node} ${healed}` };
  if (!undo.isGone(before)) await machines[undo.act](node);
  for (;;) {
    const after = await machines.inspect(node);
    // A healer may fence it between our look and our act.
    const fencedNow = healedState(after);
    if (fencedNow !== undefined) return { left: true, observation: `${node} ${fencedNow}` };
    if (undo.isGone(after)) return { left: false, observation: `${node} ${undo.gone}` };
    await context.clock.sleep(50, signal);
  }
}

/** Why nothing is to be undone, where somebody has healed the machine in the meantime. */
function healedState(machine: NodeInspection): string | undefined {
  if (!machine.exists) return 'was replaced and retired; it can never start again';
  if (machine.fenced) return 'was fenced by the healer and stays off';
  return undefined;
}
