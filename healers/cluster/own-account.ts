import type { KubeClient } from '../../infra/kube/client.ts';
import { annotationsOf, onlyAnnotations, unchanged, type AccountLimit } from '../runtime/limit.ts';
import { permissions } from '../runtime/permission.ts';
import { call } from './call.ts';

/** The ServiceAccount that healers run as, with one annotation for each node that they treat: what they may touch there. */
export const ACCOUNT = 'firedrill-healer';

/** Followed by the node's UID: no treatment writes what another one has written, so that none waits for another. */
const ALLOWED = 'healer.firedrill.dev/treats-';
/** Before a name, as a word among others: CEL reads no JSON. */
const NODE = 'node=';
const NAMESPACE = 'namespace=';

export const ACCOUNT_PERMISSIONS = permissions(
  { scope: 'own', group: '', resource: 'serviceaccounts', names: [ACCOUNT] },
  { get: 'see what it may touch', patch: 'say what a treatment may touch' },
);

/** An annotation may be worth a role in a cloud, and a listed Secret is one that pods of the account may mount. */
export const ACCOUNT_LIMITS: readonly AccountLimit[] = [
  {
    resource: 'serviceaccounts',
    operation: 'UPDATE',
    allowed: [
      unchanged('metadata.?labels', 'metadata.?finalizers', 'metadata.?ownerReferences'),
      unchanged('?secrets', '?imagePullSecrets', '?automountServiceAccountToken'),
      onlyAnnotations((key) => `${key}.startsWith("${ALLOWED}")`),
    ].join(' && '),
    message: `of its ServiceAccount the healer changes annotations ${ALLOWED}* only`,
  },
];

/** Whether the account, which the admission policy has as its parameter, may touch the node or namespace that a CEL expression names. */
const allows = (by: string, name: string) =>
  `${annotationsOf('params')}.exists(k, k.startsWith("${ALLOWED}") && params.metadata.annotations[k].split(" ").exists(w, w == "${by}" + ${name}))`;
export const allowsNode = (name: string) => allows(NODE, name);
export const allowsNamespace = (name: string) => allows(NAMESPACE, name);

/** What a treatment may touch: pods of its node, and evictions in namespaces. */
export interface Touched {
  readonly node: string;
  readonly uid: string;
  readonly namespaces: readonly string[];
}

export interface AccountCalls {
  /** What the account may touch, one for each treatment that it names. */
  readAllowed(signal: AbortSignal): Promise<readonly Touched[]>;
  /** Lets the account touch this for the treatment of this node; the API server's admission sees it a moment later. */
  allow(touched: Touched, signal: AbortSignal): Promise<void>;
  /** The treatment of the node with this UID has ended: nothing of it may be touched any more. */
  disallow(uid: string, signal: AbortSignal): Promise<void>;
}

export function accountCalls(kube: KubeClient, namespace: string): AccountCalls {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', namespace, name: ACCOUNT } as const;
  const write = async (uid: string, words: string | null, signal: AbortSignal): Promise<void> => {
    const annotations = { [`${ALLOWED}${uid}`]: words };
    await kube.patch(account, 'merge', { metadata: { annotations } }, call(signal));
  };
  return {
    readAllowed: async (signal) => {
      const { metadata } = await kube.get(account, call(signal));
      return Object.entries(metadata?.annotations ?? {}).flatMap(([key, words]) =>
        key.startsWith(ALLOWED) ? { ...touchedOf(words), uid: key.slice(ALLOWED.length) } : [],
      );
    },
    allow: async ({ node, uid, namespaces }, signal) => {
      await write(
        uid,
        [`${NODE}${node}`, ...namespaces.map((each) => `${NAMESPACE}${each}`)].join(' '),
        signal,
      );
    },
    disallow: async (uid, signal) => {
      await write(uid, null, signal);
    },
  };
}

function touchedOf(words: string): Omit<Touched, 'uid'> {
  const named = (by: string): readonly string[] =>
    words.split(' ').flatMap((word) => (word.startsWith(by) ? word.slice(by.length) : []));
  return { node: named(NODE)[0] ?? '', namespaces: named(NAMESPACE) };
}
