import type { KubeObject, ObjectRef } from '../../infra/kube/objects.ts';
import { isRecord } from '../core/is-record.ts';

/** API objects in memory by their names, as far as a trial changes them. */
export class MemoryObjects {
  readonly kept: Map<string, KubeObject>;

  constructor(objects: Readonly<Record<string, KubeObject>> = {}) {
    this.kept = new Map(Object.entries(objects));
  }

  find = ({ name }: ObjectRef): Promise<never> => Promise.resolve(this.kept.get(name) as never);
  get = this.find;

  create<T extends KubeObject>(object: T): Promise<T> {
    const name = object.metadata?.name ?? '';
    if (this.kept.has(name)) return Promise.reject(new Error(`${name} exists already`));
    this.kept.set(name, object);
    return Promise.resolve(object);
  }

  patch({ name }: ObjectRef, _kind: string, patch: object): Promise<never> {
    this.kept.set(name, mergePatched(this.kept.get(name), patch) as KubeObject);
    return this.find({ name } as ObjectRef);
  }

  delete({ name }: ObjectRef): Promise<void> {
    this.kept.delete(name);
    return Promise.resolve();
  }
}

/** RFC 7386: null takes a field away. */
function mergePatched(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const merged = new Map(Object.entries(isRecord(target) ? target : {}));
  for (const [key, value] of Object.entries(patch))
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatched(merged.get(key), value));
  return Object.fromEntries(merged);
}
