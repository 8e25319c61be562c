import { FiredrillError } from '../errors.ts';

/** What can be seen of a machine from outside of it. */
interface SeenMachine {
  readonly processes: number;
  readonly frozen: boolean;
  readonly cable: 'in' | 'out' | 'absent';
}

/** How the effect of a fault on one machine is undone; both by the trial and, after its death, by the supervisor. */
export interface MachineUndo {
  /** The verb of the machine that takes the effect away; safe to repeat. */
  readonly act: 'powerOn' | 'thaw' | 'cableIn';
  /** It starts a machine: not one that a healer has fenced. */
  readonly revives: boolean;
  /** Whether the effect can no longer be seen. */
  isGone(machine: SeenMachine): boolean;
  /** What is seen then, e.g. `thawed`. */
  readonly gone: string;
}

/** Of an effect that cannot be taken away, nor has to be: what was hit is gone, and its owner makes another. */
export interface NothingToUndo {
  readonly act: 'none';
  /** What is true then, e.g. `is gone for good`. */
  readonly gone: string;
}

export type KnownUndo = MachineUndo | NothingToUndo;

/** Every undo, by the verb that stands in journals and claims. A new fault adds its own here, and nowhere else. */
export const UNDO_CATALOGUE = {
  'node.power-on': {
    act: 'powerOn',
    revives: true,
    isGone: ({ processes }) => processes > 0,
    gone: 'powered on again',
  },
  'node.thaw': { act: 'thaw', revives: false, isGone: ({ frozen }) => !frozen, gone: 'thawed' },
  'node.cable-in': {
    act: 'cableIn',
    revives: false,
    isGone: ({ cable }) => cable === 'in',
    gone: 'plugged in again',
  },
  'pod.none': { act: 'none', gone: 'is gone for good; whoever owns it makes another' },
} as const satisfies Readonly<Record<string, KnownUndo>>;

/** @throws FiredrillError `undo.unknown-verb` */
export function undoOf(verb: string): KnownUndo {
  const catalogue: Readonly<Record<string, KnownUndo>> = UNDO_CATALOGUE;
  const found = Object.hasOwn(catalogue, verb) ? catalogue[verb] : undefined;
  if (found !== undefined) return found;
  throw new FiredrillError('undo.unknown-verb', `there is no undo "${verb}"`, {
    hint: `known are ${Object.keys(UNDO_CATALOGUE).join(', ')}`,
  });
}

/** Whether somebody has to do something where the holder of an effect has died; a verb that is not known counts. */
export function hasToBeUndone(verb: string): boolean {
  const catalogue: Readonly<Record<string, KnownUndo>> = UNDO_CATALOGUE;
  return !(Object.hasOwn(catalogue, verb) && catalogue[verb]?.act === 'none');
}
