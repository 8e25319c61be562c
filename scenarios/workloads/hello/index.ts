const NAMESPACE = 'hello';
const REPLICAS = 6;

/** Six replicas of a server that says hello: what the start-up of a cluster is timed with. */
export const hello = {
  name: 'hello',
  images: {
    hello: { name: 'hello', entry: new URL('./hello-main.ts', import.meta.url), packages: [] },
  },
  manifests: (images: { readonly hello: string }) => [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'hello', namespace: NAMESPACE },
      spec: { selector: { app: 'hello' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'hello', namespace: NAMESPACE },
      spec: {
        replicas: REPLICAS,
        selector: { matchLabels: { app: 'hello' } },
        template: {
          metadata: { labels: { app: 'hello' } },
          spec: {
            automountServiceAccountToken: false,
            terminationGracePeriodSeconds: 1,
            topologySpreadConstraints: [
              {
                maxSkew: 1,
                topologyKey: 'kubernetes.io/hostname',
                whenUnsatisfiable: 'ScheduleAnyway',
                labelSelector: { matchLabels: { app: 'hello' } },
              },
            ],
            containers: [
              {
                name: 'hello',
                image: images.hello,
                imagePullPolicy: 'IfNotPresent',
                ports: [{ name: 'http', containerPort: 8080 }],
                // Asked at once and then every second: what is timed is the cluster, not the probe's pause.
                readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
                resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '96Mi' } },
              },
            ],
          },
        },
      },
    },
  ],
  probe: { url: 'http://hello.hello.svc.cluster.local/', expect: { status: 200, bodyIncludes: 'hello' } },
  capacity: { namespace: NAMESPACE, selector: 'app=hello', replicas: REPLICAS },
} as const;
