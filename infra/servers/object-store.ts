import type { ServerDefinition } from './definition.ts';

/** A server that speaks S3, addressed by path (`ENDPOINT/BUCKET/KEY`). */
export interface ObjectStore {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const REGION = 'us-east-1';
/** Nobody but this machine reaches it, and it forgets everything: these protect nothing. */
const ACCESS_KEY_ID = 'firedrill';
const SECRET_ACCESS_KEY = 'firedrill-throw-away';

/**
 * The stand-in takes any signature, the official one only the right one: a client that signs works with both.
 * Metadata go beside the data, not into extended attributes, which a folder in memory has on newer kernels only.
 */
export const objectStore = {
  name: 'object-store',
  ports: { s3: 7070 },
  // Without a signature the one refuses and the other answers; both have started.
  ready: { port: 's3', path: '/' },
  scratch: ['/data', '/metadata'],
  official: {
    image: 'docker.io/versity/versitygw:v1.8.0',
    command: ['--port', ':7070', 'posix', '--sidecar', '/metadata', '/data'],
    env: {
      ROOT_ACCESS_KEY_ID: ACCESS_KEY_ID,
      ROOT_SECRET_ACCESS_KEY: SECRET_ACCESS_KEY,
      VGW_REGION: REGION,
    },
  },
  standIn: { tool: 'object-store', command: [':7070'] },
  client: ({ s3 }): ObjectStore => ({
    endpoint: `http://${s3.host}:${s3.port}`,
    region: REGION,
    accessKeyId: ACCESS_KEY_ID,
    secretAccessKey: SECRET_ACCESS_KEY,
  }),
} as const satisfies ServerDefinition<'s3', ObjectStore>;
