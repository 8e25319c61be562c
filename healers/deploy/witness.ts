import { TOKEN_FILE, TOKEN_FOLDER, tokenSecretName } from '../../infra/agents/manifest/access.ts';
import { CONTAINER_SECURITY, POD_SECURITY } from '../../infra/agents/manifest/hardening.ts';
import { NODE_PATH } from '../../infra/images/node-layer.ts';
import type { Manifest } from '../../infra/kube/objects.ts';
import { WITNESS_PROGRAM } from './image.ts';
import { spread } from './spread.ts';

/** So many may be asked about a node; with three of them on nodes of their own, two are left wherever a node is lost. */
const WITNESSES = 3;

/** The witnesses of a healer: they hold its token and no right at the API server, whose credentials they are not even given. */
export function witnessManifests(
  healer: { readonly name: string; readonly namespace: string },
  container: { readonly image: string; readonly imagePullPolicy: string },
): readonly Manifest[] {
  const account = { name: `${healer.name}-witness`, namespace: healer.namespace };
  const labels = { 'app.kubernetes.io/name': account.name };
  const secretName = tokenSecretName({ name: healer.name });
  return [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { ...account, labels },
      automountServiceAccountToken: false,
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { ...account, labels },
      spec: {
        replicas: WITNESSES,
        revisionHistoryLimit: 2,
        selector: { matchLabels: labels },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: account.name,
            automountServiceAccountToken: false,
            priorityClassName: 'system-cluster-critical',
            terminationGracePeriodSeconds: 1,
            enableServiceLinks: false,
            securityContext: POD_SECURITY,
            ...spread(labels),
            containers: [
              {
                name: 'witness',
                ...container,
                command: [NODE_PATH, '--max-semi-space-size=1', '--max-old-space-size=32', WITNESS_PROGRAM],
                env: [{ name: 'FIREDRILL_HEALER_TOKEN_FILE', value: TOKEN_FILE }],
                ports: [{ name: 'http', containerPort: 8080 }],
                readinessProbe: {
                  httpGet: { path: '/health', port: 8080 },
                  periodSeconds: 2,
                  timeoutSeconds: 1,
                },
                resources: { requests: { cpu: '10m', memory: '48Mi' }, limits: { memory: '128Mi' } },
                securityContext: CONTAINER_SECURITY,
                volumeMounts: [{ name: 'token', mountPath: TOKEN_FOLDER, readOnly: true }],
              },
            ],
            volumes: [{ name: 'token', secret: { secretName, optional: true } }],
          },
        },
      },
    },
  ];
}
