import { parseDuration } from '../core/duration.ts';
import { checkFault } from '../core/faults/check-fault.ts';
import type { Fault, NodeTarget, PodTarget } from '../core/faults/fault.ts';
import type { GuardRule } from '../core/faults/guard-rules.ts';

/** What a fault on nodes is told. */
export interface NodeFaultOptions {
  /** Which nodes; chosen at the moment of injection. */
  readonly node: Omit<NodeTarget, 'kind'>;
  /** Guard rules that this scenario lifts on purpose, e.g. `['half-of-nodes']`. */
  readonly allow?: readonly GuardRule[];
}

export interface TimedNodeFaultOptions extends NodeFaultOptions {
  /** How long it lasts, counted from effective, e.g. `30s`; absent: until the trial ends or a healer replaces the machine. */
  readonly duration?: string;
}

/** The power of the chosen nodes is cut: all that ran on them is gone at once. */
export function nodePowerOff(options: NodeFaultOptions): Fault {
  return nodeFault('node.power-off', options);
}

/** The chosen nodes hang: power on, connections accepted, no answer. */
export function nodeFreeze(options: TimedNodeFaultOptions): Fault {
  return nodeFault('node.freeze', options);
}

/** The network cable of the chosen nodes is pulled: they run on, unreachable. */
export function nodeCableOut(options: TimedNodeFaultOptions): Fault {
  return nodeFault('node.cable-out', options);
}

/** What a fault on pods is told. */
export interface PodFaultOptions {
  /** Which pods; chosen at the moment of injection. */
  readonly pod: Omit<PodTarget, 'kind'>;
  /** Guard rules that this scenario lifts on purpose, e.g. `['last-ready-replica']`. */
  readonly allow?: readonly GuardRule[];
}

/** The chosen pods end at once, without any grace, as when their processes are killed; whoever owns them makes others. */
export function podKill({ pod, allow }: PodFaultOptions): Fault {
  const fault: Fault = {
    kind: 'pod.kill',
    target: { kind: 'pod', ...pod },
    ...(allow === undefined ? {} : { options: { allow: [...allow] } }),
  };
  checkFault(fault);
  return deepFreeze(fault);
}

/** Checks at once, so that a mistake shows where the scenario makes it and before any cluster exists. */
function nodeFault(kind: string, options: TimedNodeFaultOptions): Fault {
  const fault: Fault = {
    kind,
    target: { kind: 'node', ...options.node },
    ...(options.duration === undefined ? {} : { durationMs: parseDuration(options.duration, 'duration') }),
    ...(options.allow === undefined ? {} : { options: { allow: [...options.allow] } }),
  };
  checkFault(fault);
  return deepFreeze(fault);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
