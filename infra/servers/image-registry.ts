import type { ServerDefinition } from './definition.ts';

/** A registry of container images. */
export interface ImageRegistry {
  /** What an image's name begins with for the engine, which takes one on `localhost` without encryption. */
  readonly address: string;
  /** Of its API for this machine, without `/v2`. It is not the engine's address where we run in a container beside it. */
  readonly url: string;
}

const CONFIG_PATH = '/etc/distribution/config.yml';
const STORAGE = '/var/lib/registry';
const CONFIG = `version: 0.1
storage:
  filesystem:
    rootdirectory: ${STORAGE}
  delete:
    enabled: true
http:
  addr: :5000
`;

/** What both read from the environment wins over what is in their file. */
const ENV = {
  REGISTRY_STORAGE_DELETE_ENABLED: 'true',
  REGISTRY_LOG_LEVEL: 'warn',
  // Otherwise it looks for a collector of traces.
  OTEL_TRACES_EXPORTER: 'none',
} as const;

/** Nodes of a cluster on the same network of the engine reach it as `http://NAME:5000`. */
export const imageRegistry = {
  name: 'image-registry',
  ports: { registry: 5000 },
  ready: { port: 'registry', path: '/v2/', status: 200 },
  scratch: [STORAGE],
  official: {
    image: 'docker.io/library/registry:3.1.1',
    command: ['serve', CONFIG_PATH],
    env: ENV,
  },
  standIn: {
    tool: 'registry',
    command: ['serve', CONFIG_PATH],
    env: ENV,
    files: [{ path: CONFIG_PATH, from: { bytes: Buffer.from(CONFIG) } }],
  },
  client: ({ registry }): ImageRegistry => ({
    address: `localhost:${registry.port}`,
    url: `http://${registry.host}:${registry.port}`,
  }),
} as const satisfies ServerDefinition<'registry', ImageRegistry>;
