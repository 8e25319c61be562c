import type { Clock } from '../../harness/core/clock.ts';
import { FiredrillError } from '../../harness/core/errors.ts';
import type { Undo } from '../../harness/core/faults/fault.ts';
import { unlessAborted } from '../../harness/core/unless-aborted.ts';
import type { NodeReturn } from '../kube/node-return.ts';
import type { NodeInspection } from '../machines/inspection.ts';
import {
  type NodeMachines,
  isMachineVerb,
  MACHINE_VERBS,
  type MachineEffect,
  type VerbMethod,
} from '../machines/verbs.ts';
import { OBJECT_UNDO_VERBS, undoOnObject, type ObjectActor } from './object-undo.ts';

/** Who can take effects away. */
export interface UndoActors {
  /** The machine verbs that this process can ask for; absent: it reaches no machine. */
  readonly machines?: Pick<NodeMachines, 'inspect'> & Partial<Pick<NodeMachines, VerbMethod>>;
  /** Tells when a machine that was started is Ready; absent: nobody waits for Kubernetes. */
  readonly nodeReturn?: Pick<NodeReturn, 'lastRenewal' | 'awaitReady'>;
  /** Absent: this process may not change API objects. */
  readonly objects?: ObjectActor;
  readonly clock: Clock;
}

/** What each undo gets, counted from its own start. */
export const UNDO_DEADLINE_MS = 35_000;
const LOOK_EVERY_MS = 50;

/** The verb where nothing can be taken away, nor has to be. */
const POD_GONE = 'pod.none';

const UNDO_VERBS = Object.entries(MACHINE_VERBS).flatMap(([verb, { undoes }]) =>
  undoes === undefined ? [] : [`node.${verb}`],
);

/** Whether somebody has to do something where the holder of an effect has died; a verb that is not known counts. */
export function hasToBeUndone({ verb }: Undo): boolean {
  return verb !== POD_GONE;
}

/**
 * Undoes one effect, in the trial as after its death, and returns what was seen afterwards; safe to repeat.
 * A machine that was fenced or replaced meanwhile is left as it is: healing is never residue.
 *
 * @throws FiredrillError `undo.unknown-verb`; `undo.malformed`; `undo.no-actor` where nobody here can do that. Rejects
 * when the signal aborts, even where an actor does not listen to it.
 */
export async function executeUndo(undo: Undo, actors: UndoActors, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  return await unlessAborted(carryOut(undo, actors, signal), signal);
}

async function carryOut(undo: Undo, actors: UndoActors, signal: AbortSignal): Promise<string> {
  if (undo.verb === POD_GONE)
    return `${named(undo, 'name', undo.args['name'])} is gone for good; whoever owns it makes another`;
  const { nodeReturn, clock, objects } = actors;
  if (OBJECT_UNDO_VERBS.includes(undo.verb)) {
    if (objects === undefined)
      throw new FiredrillError('undo.no-actor', `nobody here can undo ${undo.verb} of API objects`);
    return await undoOnObject(undo, objects, signal);
  }
  const machine = undoOnMachine(undo, actors);
  if (nodeReturn === undefined || machine.effect.revives !== true)
    return (await takeAway(machine, clock, signal)).observation;
  // An API server that does not answer must not keep a machine from being switched on.
  const [renewal, undone] = await Promise.allSettled([
    nodeReturn.lastRenewal(machine.node, signal),
    takeAway(machine, clock, signal),
  ]);
  if (undone.status === 'rejected') throw undone.reason;
  const { isHealed, observation } = undone.value;
  if (isHealed) return observation;
  if (renewal.status === 'rejected') throw renewal.reason;
  await nodeReturn.awaitReady(machine.node, renewal.value, { timeoutMs: UNDO_DEADLINE_MS, signal });
  return `${observation}, and Ready`;
}

/** The undo of an effect on a machine: its verb is one of the machine's, and all else that it is told are parameters. */
interface UndoOnMachine {
  readonly node: string;
  readonly effect: MachineEffect;
  readonly inspect: () => Promise<NodeInspection>;
  readonly act: () => Promise<void>;
}

function undoOnMachine(undo: Undo, { machines }: UndoActors): UndoOnMachine {
  const { verb, args } = undo;
  const name = verb.startsWith('node.') ? verb.slice('node.'.length) : '';
  const { method, undoes: effect } = isMachineVerb(name) ? MACHINE_VERBS[name] : {};
  if (method === undefined || effect === undefined)
    throw new FiredrillError('undo.unknown-verb', `there is no undo "${verb}"`, {
      hint: `known are ${[POD_GONE, ...UNDO_VERBS, ...OBJECT_UNDO_VERBS].join(', ')}`,
    });
  const { node: told, ...parameters } = args;
  const node = named(undo, 'node', told);
  const act = machines?.[method];
  if (act === undefined || machines === undefined)
    throw new FiredrillError('undo.no-actor', `nobody here can ${name} a machine`);
  return { node, effect, inspect: () => machines.inspect(node), act: () => act(node, parameters) };
}

/** @throws FiredrillError `undo.malformed`: what is not named can be neither looked at nor told as undone */
function named({ verb, args }: Undo, key: 'name' | 'node', name: unknown): string {
  if (typeof name === 'string' && name.trim() !== '') return name;
  throw new FiredrillError(
    'undo.malformed',
    `the undo ${verb} does not say which ${key}: ${JSON.stringify(args)}`,
  );
}

async function takeAway(
  { node, effect, inspect, act }: UndoOnMachine,
  clock: Clock,
  signal: AbortSignal,
): Promise<{ readonly isHealed: boolean; readonly observation: string }> {
  for (let hasActed = false; ;) {
    const seen = await inspect();
    // A healer may fence it between our look and our act, too.
    const healed = healedState(seen);
    if (healed !== undefined) return { isHealed: true, observation: `${node} ${healed}` };
    if (!effect.isThere(seen)) return { isHealed: false, observation: `${node} ${effect.gone}` };
    if (hasActed) await clock.sleep(LOOK_EVERY_MS, signal);
    else {
      signal.throwIfAborted();
      await act();
    }
    hasActed = true;
  }
}

/** Why nothing is to be undone, where somebody has healed the machine in the meantime. */
function healedState(machine: NodeInspection): string | undefined {
  if (!machine.exists) return 'was replaced and retired; it can never start again';
  if (machine.fenced) return 'was fenced by the healer and stays off';
  return undefined;
}
