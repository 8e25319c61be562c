import type { Labels, MetricFamily, MetricSample, MetricType } from '../../http/exposition.ts';
import type { KubeObject } from '../../../kube/objects.ts';

/** A family of series that each object of a kind contributes to. */
export interface StateFamily<T> {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly samples: (object: T) => readonly MetricSample[];
}

export function gauge<T>(
  name: string,
  help: string,
  samples: (object: T) => readonly MetricSample[],
): StateFamily<T> {
  return { name, help, type: 'gauge', samples };
}

/** The families filled from all objects of their kind. */
export function fillFamilies<T>(families: readonly StateFamily<T>[], objects: readonly T[]): MetricFamily[] {
  return families.map(({ samples, ...family }) => ({ ...family, samples: objects.flatMap(samples) }));
}

export function one(labels: Labels, value = 1): readonly MetricSample[] {
  return [{ labels, value }];
}

/** One series where the number is known, none where it is not. */
export function known(labels: Labels, value: number | undefined): readonly MetricSample[] {
  return value === undefined ? [] : [{ labels, value }];
}

/** One series per state, 1 for the present one and 0 for the others: a query then needs no `absent`. */
export function eachState(
  labels: Labels,
  label: string,
  states: readonly string[],
  present: string,
): readonly MetricSample[] {
  return states.map((state) => ({ labels: { ...labels, [label]: state }, value: state === present ? 1 : 0 }));
}

export const CONDITION_STATES = ['true', 'false', 'unknown'] as const;

/** Seconds since the epoch of a Kubernetes time; nothing where there is none. */
export function epochS(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time) / 1_000;
}

export function nameOf(object: KubeObject): string {
  return object.metadata?.name ?? '';
}

export function namespaceOf(object: KubeObject): string {
  return object.metadata?.namespace ?? '';
}

/** `namespace` and the object's name under the label that kube-state-metrics uses for its kind. */
export function identity(label: string): (object: KubeObject) => Labels {
  return (object) => ({ namespace: namespaceOf(object), [label]: nameOf(object) });
}

/** One series per owner of an object, or one with empty labels where it has none. */
export function ownersOf({ metadata }: KubeObject, labels: Labels): readonly MetricSample[] {
  const owners = metadata?.ownerReferences ?? [];
  if (owners.length === 0) return one({ ...labels, owner_kind: '', owner_name: '', owner_is_controller: '' });
  return owners.flatMap(({ kind, name, controller = false }) =>
    one({ ...labels, owner_kind: kind, owner_name: name, owner_is_controller: String(controller) }),
  );
}
