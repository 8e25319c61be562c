import type { KubeObject } from './objects.ts';

export type ObjectChange<V> =
  | { readonly type: 'added'; readonly object: V; readonly initial: boolean }
  | { readonly type: 'modified'; readonly object: V; readonly previous: V }
  /** `object` is the last state known. `observed` is false where only a later list showed that it is gone. */
  | { readonly type: 'deleted'; readonly object: V; readonly observed: boolean };

/** What is kept of an object. */
interface Held<V> {
  readonly key: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly value: V;
}

/** The last known state of a collection. Each change of it is answered with what is new about it. */
export class ObjectCache<T extends KubeObject, V> {
  readonly #transform: (object: T) => V;
  #held = new Map<string, Held<V>>();

  constructor(transform: (object: T) => V) {
    this.#transform = transform;
  }

  get size(): number {
    return this.#held.size;
  }

  get(name: string, namespace?: string): V | undefined {
    return this.#held.get(keyOf(name, namespace))?.value;
  }

  list(): V[] {
    return Array.from(this.#held.values(), (held) => held.value);
  }

  /** The object is there, in this state. */
  put(object: T, initial = false): ObjectChange<V>[] {
    return this.#take(this.hold(object), initial);
  }

  #take(now: Held<V>, initial: boolean): ObjectChange<V>[] {
    const { key } = now;
    const before = this.#held.get(key);
    if (before !== undefined && before.uid === now.uid) {
      if (before.resourceVersion === now.resourceVersion) return [];
      this.#held.set(key, now);
      return [{ type: 'modified', object: now.value, previous: before.value }];
    }
    this.#held.set(key, now);
    const added: ObjectChange<V> = { type: 'added', object: now.value, initial };
    // An object of the same name with another UID: the first one went away unseen.
    return before === undefined
      ? [added]
      : [{ type: 'deleted', object: before.value, observed: false }, added];
  }

  /** The object was seen to go, in this last state. */
  remove(object: T): ObjectChange<V>[] {
    const key = keyOfObject(object);
    const before = this.#held.get(key);
    if (before === undefined || before.uid !== (object.metadata?.uid ?? '')) return [];
    this.#held.delete(key);
    return [{ type: 'deleted', object: this.#transform(object), observed: true }];
  }

  /** Takes over a whole list: these objects are there and no others. What each is reduced to is all that there has to be of it. */
  replaceAll(objects: readonly Held<V>[], initial: boolean): ObjectChange<V>[] {
    const present = new Set(objects.map(({ key }) => key));
    const changes: ObjectChange<V>[] = [];
    for (const [key, held] of this.#held) {
      if (present.has(key)) continue;
      this.#held.delete(key);
      changes.push({ type: 'deleted', object: held.value, observed: false });
    }
    for (const object of objects) changes.push(...this.#take(object, initial));
    return changes;
  }

  /** Reduces an object to what is kept of it. */
  hold(object: T): Held<V> {
    const { uid = '', resourceVersion = '' } = object.metadata ?? {};
    return { key: keyOfObject(object), uid, resourceVersion, value: this.#transform(object) };
  }
}

function keyOf(name: string, namespace = ''): string {
  return `${namespace}/${name}`;
}

function keyOfObject(object: KubeObject): string {
  return keyOf(object.metadata?.name ?? '', object.metadata?.namespace);
}
