import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { systemClock, type Clock } from '../../harness/core/clock.ts';
import { isGone, isNotFound, refusal } from './errors.ts';
import { microTime } from './lease-record.ts';
import { ResourceMap } from './resource-map.ts';
import { Transport, type KubeAnswer, type KubeRequest, type QueryValue } from './transport.ts';
import type {
  CallOptions,
  DeleteOptions,
  EventNote,
  KubeClientOptions,
  ListOptions,
  ListSelection,
  WriteOptions,
} from './calls.ts';
import {
  kindOf,
  type KindRef,
  type KubeList,
  type KubeObject,
  type ObjectOf,
  type ObjectRef,
} from './objects.ts';
import type { KubeTarget } from './target.ts';

export type * from './calls.ts';

/** A list of steps (RFC 6902), of which a `test` that does not hold refuses the whole with 422; or the fields that change. */
const PATCH_TYPES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const;

/**
 * A light client of one API server. Objects are plain JSON; their types follow from a literal `{ apiVersion, kind }`.
 * Every call rejects with a KubeError (see errors.ts), or with the signal's reason.
 */
export class KubeClient {
  readonly target: KubeTarget;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly resources = new ResourceMap((request) => this.request(request));

  constructor(target: KubeTarget, options: KubeClientOptions = {}) {
    this.target = target;
    this.clock = options.clock ?? systemClock;
    this.transport = new Transport(target, options);
  }

  async request<T>(request: KubeRequest): Promise<T> {
    return (await this.exchange<T>(request)).body;
  }

  /** Like `request`, with the HTTP status: 201 tells created from changed. */
  async exchange<T>(request: KubeRequest): Promise<KubeAnswer<T>> {
    return await this.transport.send<T>(request);
  }

  /** Opens a stream (watch, log); resolves with the headers. Destroy it when done. */
  async stream(request: KubeRequest): Promise<IncomingMessage> {
    return await this.transport.open(request);
  }

  close(): void {
    this.transport.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async get<const R extends ObjectRef>(ref: R, options: CallOptions = {}): Promise<ObjectOf<R>> {
    return await this.request<ObjectOf<R>>({
      method: 'GET',
      path: await this.resources.pathOf(ref, options),
      ...options,
    });
  }

  /** Like `get`; undefined where there is none. */
  async find<const R extends ObjectRef>(ref: R, options: CallOptions = {}): Promise<ObjectOf<R> | undefined> {
    try {
      return await this.get(ref, options);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** All objects of a kind that match; every page, each item with its apiVersion and kind, or what `keep` leaves of it as its page comes. */
  async list<const R extends KindRef & ListSelection, V = ObjectOf<R>>(
    selection: R,
    options: ListOptions = {},
    keep: (item: ObjectOf<R>) => V = (item) => item as V,
  ): Promise<KubeList<V>> {
    const { signal, timeoutMs } = options;
    const path = await this.resources.collectionPath(selection, options);
    const items: V[] = [];
    let continueToken: string | undefined;
    for (;;) {
      const query: Record<string, QueryValue> = {
        labelSelector: selection.labelSelector,
        fieldSelector: selection.fieldSelector,
        limit: options.pageSize ?? 500,
        ...(continueToken === undefined
          ? { resourceVersion: options.resourceVersion }
          : { continue: continueToken }),
      };
      let page: KubeList<ObjectOf<R>>;
      try {
        page = await this.request({ method: 'GET', path, query, signal, timeoutMs });
      } catch (error) {
        if (continueToken === undefined || !isGone(error)) throw error;
        // The snapshot was compacted between two pages: only a new one is consistent.
        continueToken = undefined;
        items.length = 0;
        continue;
      }
      // An empty list of some servers is null.
      for (const item of (page.items as ObjectOf<R>[] | null) ?? [])
        items.push(keep(withKind(item, selection)));
      continueToken = page.metadata.continue === '' ? undefined : page.metadata.continue;
      if (continueToken === undefined) return { metadata: page.metadata, items };
    }
  }

  async create<T extends KubeObject>(object: T, options: WriteOptions = {}): Promise<T> {
    const kind = kindOf(object);
    const path = await this.resources.collectionPath(
      { ...kind, namespace: object.metadata?.namespace },
      options,
    );
    return await this.request<T>({ method: 'POST', path, body: object, ...timing(options) });
  }

  /** Writes the whole object; with its resourceVersion the write is refused with 409 when somebody was faster. */
  async replace<T extends KubeObject>(object: T, options: WriteOptions = {}): Promise<T> {
    const kind = kindOf(object);
    const { namespace, name } = object.metadata ?? {};
    const path = await this.resources.pathOf(
      { ...kind, namespace, name: name ?? '' },
      options,
      options.subresource,
    );
    return await this.request<T>({ method: 'PUT', path, body: object, ...timing(options) });
  }

  async delete(ref: ObjectRef, options: DeleteOptions = {}): Promise<void> {
    const { gracePeriodSeconds, propagation: propagationPolicy, preconditions, signal, timeoutMs } = options;
    const path = await this.resources.pathOf(ref, options);
    const kind = { apiVersion: 'v1', kind: 'DeleteOptions' };
    const body = { ...kind, gracePeriodSeconds, propagationPolicy, preconditions };
    await this.request({ method: 'DELETE', path, body, signal, timeoutMs });
  }

  async patch<const R extends ObjectRef>(
    ref: R,
    kind: keyof typeof PATCH_TYPES,
    body: object,
    options: WriteOptions = {},
  ): Promise<ObjectOf<R>> {
    const path = await this.resources.pathOf(ref, options, options.subresource);
    const contentType = PATCH_TYPES[kind];
    return await this.request<ObjectOf<R>>({ method: 'PATCH', path, body, contentType, ...timing(options) });
  }

  /**
   * Asks for an eviction: 429 when a disruption budget refuses, 409 when `uid` is not the pod's any more.
   * The UID is compared here as well: the server tries again for 10 s before it admits that it is another one's.
   */
  async evict(
    pod: { readonly namespace: string; readonly name: string },
    options: CallOptions & { readonly uid?: string; readonly gracePeriodSeconds?: number } = {},
  ): Promise<void> {
    const { uid, gracePeriodSeconds, signal, timeoutMs } = options;
    const ref = { apiVersion: 'v1', kind: 'Pod', namespace: pod.namespace, name: pod.name } as const;
    const path = await this.resources.pathOf(ref, options, 'eviction');
    const found = uid === undefined ? undefined : (await this.get(ref, { signal, timeoutMs })).metadata?.uid;
    if (found !== uid) {
      throw refusal('POST', path, 409, {
        reason: 'Conflict',
        message: `the pod's UID is ${found}, not ${uid}`,
      });
    }
    const body = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { namespace: pod.namespace, name: pod.name },
      deleteOptions: { gracePeriodSeconds, ...(uid === undefined ? {} : { preconditions: { uid } }) },
    };
    await this.request({ method: 'POST', path, body, signal, timeoutMs });
  }

  async deletePod(
    pod: { readonly namespace: string; readonly name: string },
    options: DeleteOptions = {},
  ): Promise<void> {
    await this.delete({ apiVersion: 'v1', kind: 'Pod', namespace: pod.namespace, name: pod.name }, options);
  }

  /** Events about what has no namespace, as nodes have none, lie in `default`. */
  async createEvent(event: EventNote, options: CallOptions = {}): Promise<void> {
    const name = `${event.regarding.name}.${randomBytes(8).toString('hex')}`;
    await this.create(
      {
        ...event,
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { namespace: 'default', name },
        eventTime: microTime(this.clock.now().wallMs),
        note: event.note.slice(0, 1000),
      },
      options,
    );
  }
}

/** Lists leave the kind out of their items; everybody who handles one alone wants it. */
export function withKind<T extends KubeObject>(item: T, { apiVersion, kind }: KindRef): T {
  item.apiVersion = apiVersion;
  item.kind = kind;
  return item;
}

function timing({ signal, timeoutMs }: CallOptions): CallOptions {
  return { signal, timeoutMs };
}
