import { FiredrillError } from '../../harness/core/errors.ts';
import type { CallOptions } from './calls.ts';
import type { KindRef, ObjectRef } from './objects.ts';
import { builtInResource, groupPath, resourcePath, type Resource } from './resources.ts';
import type { KubeRequest } from './transport.ts';

interface ServedGroup {
  readonly resources: readonly {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
  }[];
}

/** Where objects are found in the API: from a table for what Kubernetes brings, else asked of the server once. */
export class ResourceMap {
  readonly #ask: (request: KubeRequest) => Promise<ServedGroup>;
  readonly #discovered = new Map<string, Resource>();

  constructor(ask: (request: KubeRequest) => Promise<ServedGroup>) {
    this.#ask = ask;
  }

  /** The path of one object. */
  async pathOf(ref: ObjectRef, options: CallOptions = {}, subresource?: string): Promise<string> {
    if (ref.name === '') throw new FiredrillError('kube.bad-reference', `a ${ref.kind} without a name`);
    const resource = await this.#resourceOf(ref, options);
    if (resource.namespaced && (ref.namespace === undefined || ref.namespace === '')) {
      throw new FiredrillError('kube.bad-reference', `${ref.kind} ${ref.name} needs a namespace`);
    }
    return resourcePath(ref.apiVersion, resource, { namespace: ref.namespace, name: ref.name, subresource });
  }

  /** The path of a kind's objects, in one namespace or in all. */
  async collectionPath(
    kind: KindRef & { readonly namespace?: string | undefined },
    options: CallOptions = {},
  ): Promise<string> {
    return resourcePath(kind.apiVersion, await this.#resourceOf(kind, options), {
      namespace: kind.namespace,
    });
  }

  /** @throws FiredrillError `kube.unknown-kind` */
  async #resourceOf(kind: KindRef, options: CallOptions = {}): Promise<Resource> {
    const key = `${kind.apiVersion}/${kind.kind}`;
    const known = builtInResource(kind) ?? this.#discovered.get(key);
    if (known !== undefined) return known;
    const { signal, timeoutMs } = options;
    const served = await this.#ask({ method: 'GET', path: groupPath(kind.apiVersion), signal, timeoutMs });
    for (const { name, kind: servedKind, namespaced } of served.resources) {
      if (name.includes('/')) continue;
      this.#discovered.set(`${kind.apiVersion}/${servedKind}`, { plural: name, namespaced });
    }
    const found = this.#discovered.get(key);
    if (found === undefined) {
      throw new FiredrillError(
        'kube.unknown-kind',
        `the API server serves no ${kind.kind} in ${kind.apiVersion}`,
        { hint: 'is the CustomResourceDefinition installed?' },
      );
    }
    return found;
  }
}
