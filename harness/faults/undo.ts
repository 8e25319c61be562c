import type { Clock } from '../core/clock.ts';
import { FiredrillError } from '../core/errors.ts';
import type { Undo } from '../core/fault.ts';
import type { Cluster, NodeInspection, NodeMachines } from '../../infra/cluster.ts';

/** What an undo works with. */
export interface UndoContext {
  readonly cluster: Pick<Cluster, 'machines'>;
  readonly clock: Clock;
  /** Resolves when Kubernetes calls the node Ready. */
  readonly awaitNodeReady: (node: string, signal: AbortSignal) => Promise<void>;
}

/**
 * Undoes one effect and returns what was seen afterwards; safe to repeat.
 * A machine that was fenced or replaced meanwhile is left as it is: healing is never residue.
 *
 * @throws FiredrillError `undo.unknown-verb`, `undo.not-gone` when the effect can still be seen at the end.
 */
export async function executeUndo(undo: Undo, context: UndoContext, signal: AbortSignal): Promise<string> {
  const action = UNDO_CATALOGUE[undo.verb];
  if (action === undefined)
    throw new FiredrillError('undo.unknown-verb', `there is no undo "${undo.verb}"`, {
      hint: `known are ${Object.keys(UNDO_CATALOGUE).join(', ')}`,
    });
  return action(String(undo.args['node']), context, signal);
}

type UndoAction = (node: string, context: UndoContext, signal: AbortSignal) => Promise<string>;

const UNDO_CATALOGUE: Readonly<Record<string, UndoAction>> = {
  'node.power-on': async (node, context, signal) => {
    const seen = await undoOnMachine(node, context, signal, {
      isGone: (machine) => machine.processes > 0,
      act: (machines) => machines.powerOn(node),
      gone: 'powered on again',
    });
    if (seen.left) return seen.observation;
    await context.awaitNodeReady(node, signal);
    return `${seen.observation}, and Ready`;
  },
  'node.thaw': async (node, context, signal) =>
    (
      await undoOnMachine(node, context, signal, {
        isGone: (machine) => !machine.frozen,
        act: (machines) => machines.thaw(node),
        gone: 'thawed',
      })
    ).observation,
  'node.cable-in': async (node, context, signal) =>
    (
      await undoOnMachine(node, context, signal, {
        isGone: (machine) => machine.cable === 'in',
        act: (machines) => machines.cableIn(node),
        gone: 'plugged in again',
      })
    ).observation,
};

interface MachineUndo {
  isGone(machine: NodeInspection): boolean;
  act(machines: NodeMachines): Promise<void>;
  readonly gone: string;
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
  if (!undo.isGone(before)) await undo.act(machines);
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
