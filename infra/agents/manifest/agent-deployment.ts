import type { Manifest } from '../../kube/objects.ts';
import { EVERY_ADDRESS } from '../http/listen-options.ts';
import { CONTAINER_SECURITY, POD_SECURITY } from './hardening.ts';
import type { Placement } from './placement.ts';

/** The port of every agent. */
export const AGENT_PORT = 8080;

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
  readonly secret?: { readonly name: string; readonly mountPath: string };
}

/** One replica of a Node service of ours with the usual doors (/health, /ready, /startup, /metrics on 8080). */
export function agentDeployment(options: AgentDeploymentOptions): Manifest {
  const { name, namespace, image, placement, requests, memoryLimit, scraped, serviceAccount, secret } =
    options;
  const labels = { app: name, 'app.kubernetes.io/part-of': 'firedrill' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: {
      replicas: 1,
      revisionHistoryLimit: 1,
      selector: { matchLabels: { app: name } },
      // Two at a time would each tell half of the story.
      strategy: { type: 'Recreate' },
      template: {
        metadata: { labels, annotations: scraped ? scrapeAnnotations(AGENT_PORT) : {} },
        spec: {
          ...placement,
          ...(serviceAccount === undefined
            ? { automountServiceAccountToken: false }
            : { serviceAccountName: serviceAccount }),
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 5,
          securityContext: POD_SECURITY,
          containers: [
            {
              name,
              image,
              imagePullPolicy: 'IfNotPresent',
              // Loopback, too: that is where a connection through the API server arrives.
              env: [{ name: 'LISTEN_HOST', value: EVERY_ADDRESS }],
              ports: [{ name: 'http', containerPort: AGENT_PORT }],
              // No startup probe: a kubelet asks for readiness only after it, which costs a trial up to a second.
              readinessProbe: httpProbe('/ready', { periodSeconds: 1, failureThreshold: 3 }),
              livenessProbe: httpProbe('/health', {
                initialDelaySeconds: 60,
                periodSeconds: 5,
                failureThreshold: 3,
              }),
              resources: { requests, limits: { memory: memoryLimit } },
              securityContext: CONTAINER_SECURITY,
              ...(secret === undefined
                ? {}
                : { volumeMounts: [{ name: 'secret', mountPath: secret.mountPath, readOnly: true }] }),
            },
          ],
          ...(secret === undefined
            ? {}
            : { volumes: [{ name: 'secret', secret: { secretName: secret.name } }] }),
        },
      },
    },
  };
}

/** How Prometheus finds a pod. */
function scrapeAnnotations(port: number): Record<string, string> {
  return {
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': String(port),
    'prometheus.io/path': '/metrics',
  };
}

export function httpProbe(
  path: string,
  timing: {
    readonly initialDelaySeconds?: number;
    readonly periodSeconds: number;
    readonly failureThreshold: number;
  },
): object {
  return { httpGet: { path, port: 'http' }, timeoutSeconds: 1, ...timing };
}

/** A Service in front of the pods with `app: NAME`. */
export function serviceOf(name: string, namespace: string, port: number): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels: { app: name, 'app.kubernetes.io/part-of': 'firedrill' } },
    spec: { selector: { app: name }, ports: [{ name: 'http', port, targetPort: 'http' }] },
  };
}

export function namespaceOf(name: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'app.kubernetes.io/part-of': 'firedrill' } },
  };
}
