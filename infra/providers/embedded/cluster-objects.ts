import { roleWithBinding } from '../../agents/manifest/rights.ts';
import type { Manifest } from '../../kube/objects.ts';
import { NETWORK_PLAN } from './network-plan.ts';

/** CoreDNS as kubeadm would install it, but each replica on a node of its own where there are several. */
export function dnsObjects(image: string, workers: number): Manifest[] {
  const labels = { 'k8s-app': 'kube-dns' };
  const apart = { labelSelector: { matchLabels: labels }, topologyKey: 'kubernetes.io/hostname' };
  const meta = { name: 'coredns', namespace: 'kube-system' };
  const verbs = ['list', 'watch'];
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta },
    ...roleWithBinding(
      { name: 'system:coredns' },
      [
        { apiGroups: [''], resources: ['services', 'namespaces', 'pods', 'endpoints'], verbs },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs },
      ],
      { kind: 'ServiceAccount', ...meta },
    ),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: meta,
      data: {
        Corefile: `.:53 {
    errors
    health :8080 {
        lameduck 1s
    }
    ready :8181
    kubernetes ${NETWORK_PLAN.clusterDomain} in-addr.arpa ip6.arpa {
        pods insecure
        ttl 5
    }
    prometheus :9153
    cache 5
    loop
    loadbalance
}
`,
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { ...meta, labels },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: 'coredns',
            priorityClassName: 'system-cluster-critical',
            dnsPolicy: 'Default',
            affinity: {
              podAntiAffinity: {
                // Whichever node is Ready first would get both, and their node could not be broken in a drill.
                ...(workers > 1
                  ? { requiredDuringSchedulingIgnoredDuringExecution: [apart] }
                  : {
                      preferredDuringSchedulingIgnoredDuringExecution: [
                        { weight: 100, podAffinityTerm: apart },
                      ],
                    }),
              },
            },
            topologySpreadConstraints: [
              {
                maxSkew: 1,
                topologyKey: 'topology.kubernetes.io/zone',
                whenUnsatisfiable: 'ScheduleAnyway',
                labelSelector: { matchLabels: labels },
              },
            ],
            containers: [
              {
                name: 'coredns',
                image,
                imagePullPolicy: 'IfNotPresent',
                args: ['-conf', '/etc/coredns/Corefile'],
                ports: [
                  { containerPort: 53, name: 'dns', protocol: 'UDP' },
                  { containerPort: 53, name: 'dns-tcp', protocol: 'TCP' },
                  { containerPort: 9153, name: 'metrics', protocol: 'TCP' },
                ],
                resources: { requests: { cpu: '20m', memory: '40Mi' }, limits: { memory: '170Mi' } },
                readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
                livenessProbe: {
                  httpGet: { path: '/health', port: 8080 },
                  periodSeconds: 5,
                  failureThreshold: 5,
                  initialDelaySeconds: 10,
                },
                volumeMounts: [{ name: 'config', mountPath: '/etc/coredns', readOnly: true }],
              },
            ],
            volumes: [{ name: 'config', configMap: { name: 'coredns' } }],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace: 'kube-system', labels },
      spec: {
        clusterIP: NETWORK_PLAN.dnsAddress,
        selector: labels,
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, protocol: 'TCP' },
        ],
      },
    },
  ];
}

/**
 * Storage: `local` is a disk of the node, so its volumes cannot move; `shared` is a directory that every node has,
 * and stands for a network disk.
 */
export function storageClasses(): Manifest[] {
  const storageClass = (name: string, isDefault: boolean): Manifest => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: {
      name,
      ...(isDefault ? { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } } : {}),
    },
    provisioner: `firedrill.dev/${name}`,
    reclaimPolicy: 'Delete',
    volumeBindingMode: name === 'local' ? 'WaitForFirstConsumer' : 'Immediate',
  });
  return [storageClass('local', true), storageClass('shared', false)];
}
