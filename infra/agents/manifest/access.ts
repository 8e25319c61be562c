import { randomBytes } from 'node:crypto';
import type { KubeClient } from '../../kube/client.ts';
import type { Manifest } from '../../kube/objects.ts';

/** Where an agent finds its token, as a file. */
export const TOKEN_FOLDER = '/etc/firedrill/token';
const KEY = 'token';
export const TOKEN_FILE = `${TOKEN_FOLDER}/${KEY}`;

/** What runs once in a namespace. */
interface AgentRef {
  readonly namespace: string;
  readonly name: string;
}

/** Pods that may connect: those with the label `app`, or all of the namespace. */
export interface Peer {
  readonly namespace: string;
  readonly app?: string;
}

export function tokenSecretName({ name }: Pick<AgentRef, 'name'>): string {
  return `${name}-token`;
}

export function tokenSecret(agent: AgentRef, token: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: tokenSecretName(agent), namespace: agent.namespace },
    type: 'Opaque',
    data: { [KEY]: Buffer.from(token).toString('base64') },
  };
}

/** The token of an agent that stands there already, since it reads it once; of one that does not, a new one for its Secret. */
export async function tokenFor(kube: KubeClient, agent: AgentRef, signal: AbortSignal): Promise<string> {
  const ref = {
    apiVersion: 'v1',
    kind: 'Secret',
    namespace: agent.namespace,
    name: tokenSecretName(agent),
  } as const;
  const standing = (await kube.find(ref, { signal }))?.data?.[KEY];
  return standing === undefined
    ? randomBytes(32).toString('hex')
    : Buffer.from(standing, 'base64').toString();
}

/** Lets these pods connect to those of an agent, and nobody else. Its own node and the API server reach it all the same. */
export function onlyFrom({ name, namespace }: AgentRef, peers: readonly Peer[]): Manifest {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace },
    spec: {
      podSelector: { matchLabels: { app: name } },
      policyTypes: ['Ingress'],
      // An empty list is forgotten by the API server, so that each time it would be a change.
      ...(peers.length === 0 ? {} : { ingress: [{ from: peers.map(peerOf) }] }),
    },
  };
}

function peerOf({ namespace, app }: Peer): object {
  return {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    ...(app === undefined ? {} : { podSelector: { matchLabels: { app } } }),
  };
}
