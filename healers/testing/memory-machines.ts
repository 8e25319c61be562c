import { given } from '../../harness/core/given.ts';
import type {
  MachineInterface,
  MachinePowerState,
  MachineState,
  ReplaceResult,
} from '../../infra/machines/protocol.ts';
import type { Send } from './healer-records.ts';

/** Machines whose word is what a test says. */
export class MemoryMachines {
  readonly states = new Map<string, MachinePowerState>();
  /** By the name of a node, where an interface tells them. */
  readonly systemUuids = new Map<string, string>();
  readonly #wallMs: () => number;

  constructor(wallMs: () => number) {
    this.#wallMs = wallMs;
  }

  says(node: string, state: MachinePowerState): MachineState {
    return {
      node,
      state,
      observedAtMs: this.#wallMs(),
      ...given({ systemUuid: this.systemUuids.get(node) }),
    };
  }

  powerOff(node: string, attempt: string): MachineState {
    this.states.set(node, 'off');
    return { ...this.says(node, 'off'), offBy: attempt };
  }

  replace(node: string): ReplaceResult {
    this.states.delete(node);
    return { node, replacement: `${node}-r` };
  }
}

export function interfaceOf(machines: MemoryMachines, carry: Send): MachineInterface {
  const states = (): ReadonlyMap<string, MachineState> =>
    new Map([...machines.states].map(([node, state]) => [node, machines.says(node, state)]));
  return {
    states: () => carry('states', '', states),
    powerOff: (node, attempt) => carry('powerOff', node, () => machines.powerOff(node, attempt)),
    replace: (node) => carry('replace', node, () => machines.replace(node)),
  };
}
