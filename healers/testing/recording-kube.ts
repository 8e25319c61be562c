import type { Clock } from '../../harness/core/clock.ts';
import { KubeClient } from '../../infra/kube/client.ts';
import { refusal } from '../../infra/kube/errors.ts';
import type { KubeAnswer, KubeRequest } from '../../infra/kube/transport.ts';
import type { Scope } from '../runtime/permission.ts';

/** One call in RBAC's words. */
interface RecordedCall {
  readonly scope: Scope;
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
  readonly name: string | undefined;
}

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Reads a request as the API server's authorizer does. */
function callOf(request: KubeRequest, ownNamespace: string): RecordedCall {
  const found =
    /^\/(?:api\/v1|apis\/([^/]+)\/[^/]+)(?:\/namespaces\/([^/]+))?\/([a-z]+)(?:\/([^/]+))?(?:\/([a-z]+))?$/.exec(
      request.path,
    );
  if (found === null) throw new Error(`not a path of the API: ${request.path}`);
  const [, group = '', namespace, plural = '', name, subresource] = found;
  const collection = name === undefined;
  const watch = request.query?.['watch'] !== undefined;
  const read = watch ? 'watch' : collection ? 'list' : 'get';
  const scopes: Readonly<Record<string, Scope>> = {
    [ownNamespace]: 'own',
    default: 'default',
    'kube-node-lease': 'kube-node-lease',
  };
  return {
    scope: scopes[namespace ?? ''] ?? 'cluster',
    group,
    resource: subresource === undefined ? plural : `${plural}/${subresource}`,
    verb: VERBS[request.method] ?? read,
    name: name ?? onlyName(request),
  };
}

/** The one object that a list or a watch is limited to, which counts as its name. */
function onlyName({ query }: KubeRequest): string | undefined {
  return /^metadata\.name=([^,]+)$/.exec(String(query?.['fieldSelector'] ?? ''))?.[1];
}

interface RecordingKube {
  readonly kube: KubeClient;
  readonly calls: RecordedCall[];
  /** The same calls as they were sent. */
  readonly requests: KubeRequest[];
}

/** A KubeClient that records what it is asked for and answers from memory, unless `says` throws or has another answer. */
export function recordingKube(
  ownNamespace: string,
  clock: Clock,
  says: (request: KubeRequest) => unknown = () => undefined,
): RecordingKube {
  const calls: RecordedCall[] = [];
  const requests: KubeRequest[] = [];
  const stored = new Map<string, unknown>();
  const kube = new KubeClient({ server: 'https://127.0.0.1:1' }, { clock });
  const transport = {
    send: async (request: KubeRequest): Promise<KubeAnswer<unknown>> => {
      const call = callOf(request, ownNamespace);
      calls.push(call);
      requests.push(request);
      return await Promise.resolve({ status: 200, body: says(request) ?? answer(request, call, stored) });
    },
    open: (request: KubeRequest): Promise<never> => {
      calls.push(callOf(request, ownNamespace));
      return Promise.reject(refusal(request.method, request.path, 503, 'no watch here'));
    },
    close: () => undefined,
  };
  Object.defineProperty(kube, 'transport', { value: transport });
  return { kube, calls, requests };
}

function answer(request: KubeRequest, call: RecordedCall, stored: Map<string, unknown>): unknown {
  const named = { metadata: { name: call.name ?? 'made', uid: 'uid', resourceVersion: '1' } };
  if (call.verb === 'list') return { metadata: { resourceVersion: '1' }, items: [] };
  if (call.verb === 'get') {
    // An eviction compares the UID first: there is a pod. Whoever asks has an account.
    const found = ['pods', 'serviceaccounts'].includes(call.resource) ? named : stored.get(request.path);
    if (found === undefined) throw refusal('GET', request.path, 404, 'not found');
    return found;
  }
  if (call.verb !== 'create' && call.verb !== 'update') return named;
  const body = request.body as { readonly metadata?: { readonly name?: string } };
  const written = { ...body, metadata: { ...body.metadata, uid: 'uid', resourceVersion: '1' } };
  const at = call.verb === 'create' ? `${request.path}/${body.metadata?.name ?? ''}` : request.path;
  stored.set(at, written);
  return written;
}
