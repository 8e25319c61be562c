import type { z } from 'zod';
import { deepFreeze } from '../core/deep-freeze.ts';
import { parseDuration } from '../core/duration.ts';
import { FAULTS, type FaultKind } from '../core/faults/catalogue.ts';
import { checkFault } from '../core/faults/check-fault.ts';
import type { Fault, NodeTarget, PodTarget, ResolvedTarget } from '../core/faults/fault.ts';
import type { GuardRule } from '../core/faults/guard-rules.ts';
import type { FaultContext, Injector } from './injector.ts';

interface FaultOptions {
  /** Guard rules that this scenario lifts on purpose, e.g. `['half-of-nodes']`. */
  readonly allow?: readonly GuardRule[];
}

/** What a fault on nodes is told. */
export interface NodeFaultOptions extends FaultOptions {
  /** Which nodes; chosen at the moment of injection. */
  readonly node: Omit<NodeTarget, 'kind'>;
}

/** What a fault on pods is told. */
export interface PodFaultOptions extends FaultOptions {
  /** Which pods; chosen at the moment of injection. */
  readonly pod: Omit<PodTarget, 'kind'>;
}

interface Timed {
  /** How long it lasts, counted from effective, e.g. `30s`; absent: until the trial ends or a healer replaces the machine. */
  readonly duration?: string;
}
export interface TimedNodeFaultOptions extends NodeFaultOptions, Timed {}

type Row<K extends FaultKind> = (typeof FAULTS)[K];
type ParametersOf<K extends FaultKind> = keyof Row<K>['parameters'] extends never
  ? unknown
  : z.output<z.ZodObject<Row<K>['parameters']>>;
type OptionsOf<K extends FaultKind> = { node: NodeFaultOptions; pod: PodFaultOptions }[Row<K>['hits']] &
  (Row<K>['lasts'] extends 'timed' ? Timed : unknown) &
  ParametersOf<K>;

/** The code of one kind: it is given the parameters that its row in the catalogue names. */
interface FaultCode<K extends FaultKind> extends Omit<Injector, 'kind' | 'apply'> {
  apply(
    target: ResolvedTarget,
    fault: Fault & { readonly options?: ParametersOf<K> },
    context: FaultContext,
  ): Promise<void>;
}

/** Makes the data of a fault of one kind. */
export interface FaultBuilder<K extends FaultKind> {
  /** @throws FiredrillError `fault.malformed` where the scenario stands, before any cluster exists */
  (options: OptionsOf<K>): Fault;
  readonly injector: Injector;
}

/** A kind of fault: what scenarios call, and the code that injects it. */
export function defineFault<K extends FaultKind>(kind: K, code: FaultCode<K>): FaultBuilder<K> {
  const { hits } = FAULTS[kind];
  const build = (told: OptionsOf<K>): Fault => {
    // Scenarios without types can hand in anything.
    const { [hits]: target, duration, ...options } = { ...told } as Readonly<Record<string, unknown>>;
    const durationMs = typeof duration === 'string' ? parseDuration(duration, 'duration') : Number.NaN;
    const fault = {
      kind,
      target: { kind: hits, ...(target as object) },
      ...(duration === undefined ? {} : { durationMs }),
      ...(Object.keys(options).length === 0 ? {} : { options }),
    } as Fault;
    checkFault(fault);
    return deepFreeze(structuredClone(fault));
  };
  return Object.assign(build, { injector: { kind, ...code } });
}
