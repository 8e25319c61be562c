import { isRecord } from '../../harness/core/is-record.ts';
import { given } from '../../harness/core/given.ts';
import { FiredrillError } from '../../harness/core/errors.ts';
import type { Undo } from '../../harness/core/faults/fault.ts';
import type { KubeClient } from '../kube/client.ts';
import { goneIsDone } from '../kube/errors.ts';
import { describeRef, type KubeObject, type ObjectRef } from '../kube/objects.ts';

/** Who reaches the API objects of the cluster. */
export type ObjectActor = Pick<KubeClient, 'find' | 'patch' | 'delete'>;

/** One field of an object that a trial has put there; `before` is null where there was none. */
interface PutField {
  readonly path: readonly string[];
  readonly put: unknown;
  readonly before: unknown;
}

/** On an object that a trial has made, with the trial's id. */
export const MADE_BY_TRIAL = 'firedrill.dev/made-by';

const DELETE = 'object.delete';
const RESTORE = 'object.restore';
export const OBJECT_UNDO_VERBS: readonly string[] = [DELETE, RESTORE];

/** The node, pod or other object that an undo is about, by its name. */
export function nameTouchedBy({ args }: Undo): string {
  return String(args['node'] ?? args['name']);
}

/** Takes away the object that this trial makes: one of somebody else's under that name stays. */
export function undoOfMaking(object: ObjectRef, trialId: string): Undo {
  return { verb: DELETE, args: { ...argsOf(object), madeBy: trialId } };
}

/** Gives fields back what they held, where they still hold what the trial has put there. */
export function undoOfPutting(object: ObjectRef, fields: readonly PutField[]): Undo {
  return { verb: RESTORE, args: { ...argsOf(object), fields } };
}

function argsOf({ apiVersion, kind, namespace, name }: ObjectRef): Undo['args'] {
  return { apiVersion, kind, ...given({ namespace }), name };
}

/**
 * Carries out one of `OBJECT_UNDO_VERBS`, and says what was done; safe to repeat.
 *
 * @throws FiredrillError `undo.malformed`
 */
export async function undoOnObject(undo: Undo, objects: ObjectActor, signal: AbortSignal): Promise<string> {
  const object = objectOf(undo);
  const what = describeRef(object);
  const found: KubeObject | undefined = await objects.find(object, { signal });
  if (found === undefined) return `${what} is gone`;
  const { uid, resourceVersion, annotations } = found.metadata ?? {};
  if (undo.verb === DELETE) {
    if (annotations?.[MADE_BY_TRIAL] !== undo.args['madeBy'])
      return `${what} is not of this trial, and stays`;
    const preconditions = given({ uid });
    await goneIsDone(objects.delete(object, { propagation: 'Background', preconditions, signal }));
    return `${what} deleted`;
  }
  const still = fieldsOf(undo).filter(({ path, put }) => isSame(fieldAt(found, path), put));
  if (still.length === 0) return `nothing of ours is left on ${what}`;
  const patch = still.map(({ path, before }) => nested(path, before));
  // Whoever writes in between has the last word, and the undo comes again.
  const version = { metadata: given({ resourceVersion }) };
  await objects.patch(object, 'merge', [...patch, version].reduce(merged, {}), { signal });
  return `${what} as it was before`;
}

/** The fields of a merge patch with what they held before; those that it takes away need no undo. */
export function putFields(object: KubeObject, patch: Readonly<Record<string, unknown>>): readonly PutField[] {
  return leavesOf(patch, [])
    .filter(({ put }) => put !== null)
    .map(({ path, put }) => ({ path, put, before: fieldAt(object, path) ?? null }));
}

function leavesOf(value: unknown, path: readonly string[]): Omit<PutField, 'before'>[] {
  if (!isRecord(value)) return [{ path, put: value }];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
}

function fieldAt(object: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), object);
}

function nested(path: readonly string[], value: unknown): Readonly<Record<string, unknown>> {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Record<string, unknown>;
}

function merged(one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>) {
  const both: Record<string, unknown> = { ...one };
  for (const [key, value] of Object.entries(other)) {
    const before = both[key];
    both[key] = isRecord(value) && isRecord(before) ? merged(before, value) : value;
  }
  return both;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function objectOf({ verb, args }: Undo): ObjectRef {
  const { apiVersion, kind, namespace, name } = args;
  if (typeof apiVersion === 'string' && typeof kind === 'string' && typeof name === 'string')
    return { apiVersion, kind, name, ...(typeof namespace === 'string' ? { namespace } : {}) };
  throw new FiredrillError(
    'undo.malformed',
    `the undo ${verb} does not say which object: ${JSON.stringify(args)}`,
  );
}

function fieldsOf({ args }: Undo): readonly PutField[] {
  return (args['fields'] ?? []) as readonly PutField[];
}
