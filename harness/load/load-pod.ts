import { readFileSync } from 'node:fs';
import type { ImageDefinition } from '../../infra/images/definition.ts';
import type { Manifest } from '../../infra/kube/objects.ts';
import { sourceFile } from '../core/installation.ts';
import { checkLoadOptions, type LoadOptions } from './load-options.ts';

export const LOAD_NAMESPACE = 'firedrill-probe';
export const LOAD_POD = 'load';
/** Where k6 says how it goes, and can be told to stop. */
export const CONTROL_PORT = 6565;

const SCRIPT_PATH = '/scripts/users.ts';
const RUN_ARGUMENTS = [
  'run',
  '--quiet',
  '--no-color',
  '--no-usage-report',
  // k6 asks nobody who they are: whoever reaches this port can stop it. A connection through the API server arrives at loopback.
  `--address=127.0.0.1:${CONTROL_PORT}`,
  SCRIPT_PATH,
];

/** k6 (a static binary of this machine) with the script that it runs; k6 reads TypeScript itself. */
export function loadImage(k6Binary: string): ImageDefinition {
  return {
    name: 'firedrill.local/load',
    layers: [
      { id: 'k6', files: [{ path: '/usr/bin/k6', mode: 0o755, from: { file: k6Binary } }] },
      {
        id: 'load-script',
        files: [
          { path: SCRIPT_PATH, mode: 0o644, from: { bytes: readFileSync(scriptFile()) } },
          { path: '/tmp', mode: 0o1777, from: { directory: true } },
        ],
      },
    ],
    entrypoint: ['/usr/bin/k6'],
    workingDir: '/tmp',
    user: '65532:65532',
  };
}

/** In a package of compiled sources the script is JavaScript, which k6 reads as well under any name. */
function scriptFile(): URL {
  return new URL(sourceFile('users'), import.meta.url);
}

/**
 * The namespace and the pod, in the order in which they are to be applied. Off the nodes that faults hit, where the
 * cluster has such a place. Throws `load.bad-options`.
 */
export function loadManifests(options: LoadOptions, image: string, hasInfraNode = true): readonly Manifest[] {
  checkLoadOptions(options);
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: LOAD_NAMESPACE } },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: LOAD_POD, namespace: LOAD_NAMESPACE, labels: { app: LOAD_POD } },
      spec: {
        // Started again, it would have lost what it counted; an end that nobody ordered is a finding.
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 2,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        ...(hasInfraNode ? { nodeSelector: { 'firedrill.dev/role': 'infra' } } : {}),
        tolerations: [{ key: 'firedrill.dev/infra', operator: 'Exists', effect: 'NoSchedule' }],
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 65532,
          runAsGroup: 65532,
          // The more ports, the later one comes back that the node's connection table still ties to a dead pod.
          sysctls: [{ name: 'net.ipv4.ip_local_port_range', value: '1024 65535' }],
        },
        containers: [
          {
            name: LOAD_POD,
            image,
            imagePullPolicy: 'IfNotPresent',
            args: RUN_ARGUMENTS,
            env: Object.entries(scriptSettings(options)).map(([name, value]) => ({ name, value })),
            resources: { requests: { cpu: '50m', memory: '96Mi' }, limits: { memory: '512Mi' } },
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          },
        ],
      },
    },
  ];
}

/** What `users.ts` reads. */
export function scriptSettings(options: LoadOptions): Readonly<Record<string, string>> {
  return {
    TARGET: options.target,
    RATE_PER_SECOND: String(options.ratePerSecond),
    TIMEOUT_MS: String(options.timeoutMs),
    DURATION_SECONDS: String(Math.ceil(options.atMostMs / 1000)),
  };
}
