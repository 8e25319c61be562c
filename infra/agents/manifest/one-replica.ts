import type { Manifest } from '../../kube/objects.ts';
import { onlyFrom, type Peer } from './access.ts';
import { CONTAINER_SECURITY, POD_SECURITY } from './hardening.ts';
import type { Placement } from './placement.ts';

/** Where the container finds a volume, and what is in it. */
interface Volume {
  readonly mountPath: string;
  readonly source:
    | { readonly configMap: { readonly name: string } }
    | { readonly secret: { readonly secretName: string } }
    | { readonly emptyDir: Readonly<Record<string, never>> };
}

interface OneReplicaOptions {
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
  readonly placement: Placement;
  /** Named `http`. */
  readonly port: number;
  /** Who connects to it; nobody else is let in where the cluster's network enforces policies. */
  readonly usedBy: readonly Peer[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** Absent: it has no business with the API server and gets no token. */
  readonly serviceAccount?: string | undefined;
  /** Default 5. */
  readonly terminationGracePeriodSeconds?: number;
  /** By name; only an empty one may be written to. */
  readonly volumes?: Readonly<Record<string, Volume>>;
  /** What else its container is told: arguments, environment, probes, resources. */
  readonly container: object;
}

/** The Deployment of a service that there is one of (with two, each would tell half of the story), and who may connect to it. */
export function oneReplica(options: OneReplicaOptions): readonly [policy: Manifest, deployment: Manifest] {
  return [onlyFrom(options, options.usedBy), deploymentOf(options)];
}

function deploymentOf(options: OneReplicaOptions): Manifest {
  const { name, namespace, image, placement, port, annotations = {}, serviceAccount, volumes = {} } = options;
  const labels = labelsOf(name);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: {
      replicas: 1,
      revisionHistoryLimit: 1,
      selector: { matchLabels: { app: name } },
      strategy: { type: 'Recreate' },
      template: {
        metadata: { labels, annotations },
        spec: {
          ...placement,
          ...(serviceAccount === undefined
            ? { automountServiceAccountToken: false }
            : { serviceAccountName: serviceAccount }),
          enableServiceLinks: false,
          terminationGracePeriodSeconds: options.terminationGracePeriodSeconds ?? 5,
          securityContext: POD_SECURITY,
          containers: [
            {
              name,
              image,
              imagePullPolicy: 'IfNotPresent',
              ports: [{ name: 'http', containerPort: port }],
              securityContext: CONTAINER_SECURITY,
              volumeMounts: Object.entries(volumes).map(([volume, { mountPath, source }]) => ({
                name: volume,
                mountPath,
                ...('emptyDir' in source ? {} : { readOnly: true }),
              })),
              ...options.container,
            },
          ],
          volumes: Object.entries(volumes).map(([volume, { source }]) => ({ name: volume, ...source })),
        },
      },
    },
  };
}

/** A Service in front of the pods with `app: NAME`. */
export function serviceOf(name: string, namespace: string, port: number): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels: labelsOf(name) },
    spec: { selector: { app: name }, ports: [{ name: 'http', port, targetPort: 'http' }] },
  };
}

/** The doors of Prometheus' kind of servers. `startSeconds`: what a slow start may take. */
export function serverProbes(startSeconds: number): object {
  return {
    startupProbe: httpProbe('/-/ready', { periodSeconds: 1, failureThreshold: startSeconds }),
    readinessProbe: httpProbe('/-/ready', { periodSeconds: 1, failureThreshold: 3 }),
    livenessProbe: httpProbe('/-/healthy', { periodSeconds: 5, failureThreshold: 6 }),
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

function labelsOf(name: string): Readonly<Record<string, string>> {
  return { app: name, 'app.kubernetes.io/part-of': 'firedrill' };
}
