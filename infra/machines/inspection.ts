import { FiredrillError } from '../../harness/core/errors.ts';
import type { PowerState } from './drill-power.ts';

export interface NodeInspection {
  readonly node: string;
  /** False after the machine was retired by a fence-and-replace. */
  readonly exists: boolean;
  /** Number of processes seen in the machine's cgroups or process namespace. */
  readonly processes: number;
  readonly frozen: boolean;
  readonly cable: 'in' | 'out' | 'absent';
  /** Whether the healer or anybody else fenced it since it was last powered on. */
  readonly fenced: boolean;
  /** It was made and has never run yet: nobody has switched it off. */
  readonly isNew?: boolean;
}

/** How a machine is seen that was retired: it can never start again. */
export function retiredMachine(node: string): NodeInspection {
  return { node, exists: false, processes: 0, frozen: false, cable: 'absent', fenced: true };
}

/** Only its power is known; whatever else could be wrong with it nobody here can do, or see. */
export function inspectionOf(node: string, state: PowerState): NodeInspection {
  if (state === 'unknown')
    throw new FiredrillError(
      'machines.unknown-state',
      `the machine interface does not know the power of ${node}`,
    );
  if (state === 'absent') return retiredMachine(node);
  return {
    node,
    exists: true,
    // One stands for all: how many there are is not to be seen from here.
    processes: state === 'on' ? 1 : 0,
    frozen: false,
    cable: 'in',
    fenced: state === 'off-by-other',
  };
}
