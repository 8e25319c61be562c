import type { Manifest } from '../../kube/objects.ts';
import { EVERY_ADDRESS } from '../http/listen-options.ts';
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

interface AgentDeploymentOptions {
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
  readonly placement: Placement;
  readonly requests: { readonly cpu: string; readonly memory: string };
  readonly memoryLimit: string;
  /** Whether Prometheus finds the pod by annotation. */
  readonly scraped: boolean;
  /** Absent: the agent has no business with the API server and gets no token. */
  readonly serviceAccount?: string;
  /** A Secret whose keys it finds as files. */
  readonly secret?:
    | { readonly mountPath: string; readonly source: { readonly secret: { readonly secretName: string } } }
    | undefined;
}

/** One replica of a Node service of ours with the usual doors (/health, /ready, /startup, /metrics on 8080). */
export function agentDeployment(options: AgentDeploymentOptions): Manifest {
  const { requests, memoryLimit, scraped, secret, ...rest } = options;
  return oneReplica({
    ...rest,
    port: AGENT_PORT,
    annotations: scraped ? SCRAPED : {},
    volumes: secret === undefined ? {} : { secret },
    container: {
      // Loopback, too: that is where a connection through the API server arrives.
      env: [{ name: 'LISTEN_HOST', value: EVERY_ADDRESS }],
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
}

export function namespaceOf(name: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'app.kubernetes.io/part-of': 'firedrill' } },
  };
}
