/** A Kubernetes object as plain data. */
type Manifest = Readonly<Record<string, unknown>> & {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
};

/** References of the built images, as pods name them. */
interface StorefrontImages {
  readonly web: string;
  readonly catalogue: string;
}

export const NAMESPACE = 'storefront';
export const WEB_REPLICAS = 6;
const CATALOGUE_REPLICAS = 3;

/** Everything of the storefront, in the order in which it is to be applied. */
export function manifests(images: StorefrontImages): readonly Manifest[] {
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
    // Services come first: the kubelet tells a pod the addresses of those that exist when it starts.
    service('storefront', 'storefront'),
    service('catalogue', 'catalogue'),
    disruptionBudget('storefront', 2),
    disruptionBudget('catalogue', 1),
    deployment({ name: 'catalogue', image: images.catalogue, replicas: CATALOGUE_REPLICAS, env: [] }),
    deployment({
      name: 'storefront',
      image: images.web,
      replicas: WEB_REPLICAS,
      env: [
        // The address and not the name: a DNS pod that died must not become a failed purchase.
        { name: 'CATALOGUE_HOST', value: '$(CATALOGUE_SERVICE_HOST)' },
        { name: 'CATALOGUE_PORT', value: '$(CATALOGUE_SERVICE_PORT)' },
      ],
    }),
  ];
}

interface DeploymentOptions {
  readonly name: string;
  readonly image: string;
  readonly replicas: number;
  readonly env: readonly { readonly name: string; readonly value: string }[];
}

function deployment({ name, image, replicas, env }: DeploymentOptions): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      replicas,
      revisionHistoryLimit: 1,
      selector: { matchLabels: { app: name } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
      template: {
        metadata: {
          labels: { app: name },
          annotations: {
            'prometheus.io/scrape': 'true',
            'prometheus.io/port': '8080',
            'prometheus.io/path': '/metrics',
          },
        },
        spec: {
          terminationGracePeriodSeconds: 5,
          automountServiceAccountToken: false,
          topologySpreadConstraints: [
            spread(name, 'kubernetes.io/hostname', 'DoNotSchedule'),
            // Not a must: clusters without zone labels would place no pod at all.
            spread(name, 'topology.kubernetes.io/zone', 'ScheduleAnyway'),
          ],
          securityContext: { runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532 },
          containers: [
            {
              name,
              image,
              imagePullPolicy: 'IfNotPresent',
              env,
              ports: [{ name: 'http', containerPort: 8080 }],
              startupProbe: { ...probe('/startup', 1), failureThreshold: 60 },
              readinessProbe: { ...probe('/ready', 1), failureThreshold: 2 },
              livenessProbe: { ...probe('/health', 5), failureThreshold: 3 },
              resources: { requests: { cpu: '20m', memory: '48Mi' }, limits: { memory: '128Mi' } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
            },
          ],
        },
      },
    },
  };
}

function probe(path: string, periodSeconds: number): Readonly<Record<string, unknown>> {
  return { httpGet: { path, port: 'http' }, periodSeconds, timeoutSeconds: 1 };
}

/**
 * At most one pod more here than there. Nodes with taints do not count as places: otherwise the empty place on a dead
 * node would keep its pods' replacements from going anywhere else.
 */
function spread(
  app: string,
  topologyKey: string,
  whenUnsatisfiable: string,
): Readonly<Record<string, unknown>> {
  return {
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable,
    nodeTaintsPolicy: 'Honor',
    labelSelector: { matchLabels: { app } },
    matchLabelKeys: ['pod-template-hash'],
  };
}

function service(name: string, app: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: NAMESPACE },
    spec: { selector: { app }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  };
}

function disruptionBudget(app: string, maxUnavailable: number): Manifest {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: app, namespace: NAMESPACE },
    spec: { maxUnavailable, selector: { matchLabels: { app } } },
  };
}
