import type { Capability } from '../../harness/core/capability.ts';
import { FiredrillError } from '../../harness/core/errors.ts';
import type { NodeInspection } from './inspection.ts';

/** What a verb is told besides the node. */
export type VerbParameters = Readonly<Record<string, unknown>>;

/** One verb on a machine. */
interface VerbRow<Method extends string = string> {
  /** The verb's method in `NodeMachines`. */
  readonly method: Method;
  readonly needs: Capability;
  /** Names of what it can be told besides the node. */
  readonly parameters: readonly string[];
  /** The effect that it takes away; absent: it makes one. */
  readonly undoes?: MachineEffect<Method>;
}

/** An effect on a machine, which one verb makes and another takes away. */
export interface MachineEffect<Method extends string = string> {
  /** The method that makes it. */
  readonly by: Method;
  readonly isThere: (machine: NodeInspection) => boolean;
  /** What is seen while it is there. */
  readonly left: (node: string) => string;
  /** What is true when it is gone, e.g. `thawed`. */
  readonly gone: string;
  /** To take it away starts a machine: not one that a healer has fenced, and Kubernetes sees it later only. */
  readonly revives?: true;
}

const TABLE = {
  'power-off': { method: 'powerOff', needs: 'node.power', parameters: [] },
  'power-on': {
    method: 'powerOn',
    needs: 'node.power',
    parameters: [],
    undoes: {
      by: 'powerOff',
      isThere: ({ processes }) => processes === 0,
      left: (node) => `${node} is powered off and nobody fenced it`,
      gone: 'powered on again',
      revives: true,
    },
  },
  freeze: { method: 'freeze', needs: 'node.freeze', parameters: [] },
  thaw: {
    method: 'thaw',
    needs: 'node.freeze',
    parameters: [],
    undoes: {
      by: 'freeze',
      isThere: ({ frozen }) => frozen,
      left: (node) => `${node} is frozen`,
      gone: 'thawed',
    },
  },
  'cable-out': { method: 'cableOut', needs: 'node.cable', parameters: [] },
  'cable-in': {
    method: 'cableIn',
    needs: 'node.cable',
    parameters: [],
    undoes: {
      by: 'cableOut',
      isThere: ({ cable }) => cable === 'out',
      left: (node) => `the cable of ${node} is out`,
      gone: 'plugged in again',
    },
  },
} as const satisfies Readonly<Record<string, VerbRow>>;

export type MachineVerb = keyof typeof TABLE;
export type VerbMethod = (typeof TABLE)[MachineVerb]['method'];

/** What can be done to a machine: control door, remote cluster, undos, residue, fake and contracts are made of this table. */
export const MACHINE_VERBS: Readonly<Record<MachineVerb, VerbRow<VerbMethod>>> = TABLE;

/** Verbs on the machines of a cluster; each acts at once and is safe to repeat. */
export interface NodeMachines extends Readonly<
  Record<VerbMethod, (node: string, parameters?: VerbParameters) => Promise<void>>
> {
  /** Retires the machine for good and starts a new one with a new name; returns the new name. */
  replace(node: string): Promise<string>;
  /** Facts about the machine from outside of it, for evidence: whether its first process runs, is frozen, has a carrier. */
  inspect(node: string): Promise<NodeInspection>;
}

export function isMachineVerb(verb: string): verb is MachineVerb {
  return Object.hasOwn(MACHINE_VERBS, verb);
}

/** Something for each verb, by its method. */
export function forEachVerb<T>(
  make: (verb: MachineVerb, row: VerbRow<VerbMethod>) => T,
): Readonly<Record<VerbMethod, T>> {
  const rows = Object.entries(MACHINE_VERBS) as [MachineVerb, VerbRow<VerbMethod>][];
  return Object.fromEntries(rows.map(([verb, row]) => [row.method, make(verb, row)])) as Record<
    VerbMethod,
    T
  >;
}

/** Every effect that can be taken away, and the method that does. */
export const MACHINE_EFFECTS = Object.values(MACHINE_VERBS).flatMap(({ method, undoes, needs }) =>
  undoes === undefined ? [] : [{ ...undoes, undo: method, needs }],
);

/** @throws FiredrillError `machine.unknown-parameter` */
export function checkParameters(verb: MachineVerb, parameters: VerbParameters): VerbParameters {
  const known = MACHINE_VERBS[verb].parameters;
  const unknown = Object.keys(parameters).filter((name) => !known.includes(name));
  if (unknown.length === 0) return parameters;
  throw new FiredrillError('machine.unknown-parameter', `${verb} takes no ${unknown.join(', ')}`, {
    hint: known.length === 0 ? 'it takes none' : `it takes ${known.join(', ')}`,
  });
}

/** What effects left on machines; empty: nothing. What a healer has fenced or replaced, or just made, is healed, not disturbed. */
export function machineResidue(inspections: readonly NodeInspection[]): readonly string[] {
  return inspections
    .filter(({ exists, fenced, isNew }) => exists && !fenced && isNew !== true)
    .flatMap((machine) =>
      MACHINE_EFFECTS.filter((effect) => effect.isThere(machine)).map((effect) => effect.left(machine.node)),
    );
}
