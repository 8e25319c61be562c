import type { Manifest } from '../../kube/objects.ts';
import { EVERY_ADDRESS } from '../http/listen-options.ts';
import { configHash } from './config-hash.ts';
import { TOKEN_FILE, TOKEN_FOLDER, tokenSecret, tokenSecretName, type Peer } from './access.ts';
import { httpProbe, oneReplica } from './one-replica.ts';
import type { Placement } from './placement.ts';

/** The port of every agent. */
export const AGENT_PORT = 8080;

/** How Prometheus finds a pod. */
const SCRAPED = {
  'prometheus.io/scrape': 'true',
  'prometheus.io/port': String(AGENT_PORT),
  'prometheus.io/path': '/metrics',
};

interface AgentOptions {
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
  readonly placement: Placement;
  readonly requests: { readonly cpu: string; readonly memory: string };
  readonly memoryLimit: string;
  readonly usedBy: readonly Peer[];
  /** What it asks for before it does anything but show itself; absent: it does nothing else. */
  readonly token?: string;
  /** Whether Prometheus finds the pod by annotation. */
  readonly scraped: boolean;
  /** Absent: the agent has no business with the API server and gets no token. */
  readonly serviceAccount?: string;
  /** A Secret whose keys it finds as files. */
  readonly secret?:
    | { readonly mountPath: string; readonly source: { readonly secret: { readonly secretName: string } } }
    | undefined;
}

/**
 * One replica of a Node service of ours with the usual doors (/health, /ready, /startup, /metrics on 8080), the Secret with its
 * token, and who may connect to it.
 */
export function agentManifests(options: AgentOptions): Manifest[] {
  const { requests, memoryLimit, scraped, secret, token, ...rest } = options;
  const guard = token !== undefined && {
    mountPath: TOKEN_FOLDER,
    source: { secret: { secretName: tokenSecretName(options) } },
  };
  const replica = oneReplica({
    ...rest,
    port: AGENT_PORT,
    annotations: {
      ...(scraped ? SCRAPED : {}),
      // It is read once, at the start: another one is a new roll-out.
      ...(token === undefined ? {} : { 'firedrill.dev/config': configHash(token) }),
    },
    volumes: { ...(secret && { secret }), ...(guard && { token: guard }) },
    container: {
      env: [
        // Loopback, too: that is where a connection through the API server arrives.
        { name: 'LISTEN_HOST', value: EVERY_ADDRESS },
        ...(guard ? [{ name: 'TOKEN_FILE', value: TOKEN_FILE }] : []),
      ],
      // No startup probe: a kubelet asks for readiness only after it, which costs a trial up to a second.
      readinessProbe: httpProbe('/ready', { periodSeconds: 1, failureThreshold: 3 }),
      livenessProbe: httpProbe('/health', {
        initialDelaySeconds: 60,
        periodSeconds: 5,
        failureThreshold: 3,
      }),
      resources: { requests, limits: { memory: memoryLimit } },
    },
  });
  return [...(token === undefined ? [] : [tokenSecret(options, token)]), ...replica];
}

export function namespaceOf(name: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'app.kubernetes.io/part-of': 'firedrill' } },
  };
}
