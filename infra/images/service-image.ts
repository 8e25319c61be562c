import type { ImageDefinition, ServiceSource } from './definition.ts';
import { nodeLayer, NODE_PATH, SERVICE_USER } from './node-layer.ts';

interface NodeServiceOptions extends Omit<ServiceSource, 'packages'> {
  /** The part after `firedrill.local/`, e.g. `healer`. */
  readonly name: string;
  /** Absent: none. */
  readonly packages?: ServiceSource['packages'];
  /** Options for Node itself, before the program. */
  readonly nodeOptions?: readonly string[];
}

/**
 * An image of one TypeScript service: Node's layer, shared by all of them, and the program with all of its imports as
 * the one file `/app/NAME.cjs`. The pod's `args` reach it as `process.argv.slice(2)`.
 */
export function nodeServiceImage(options: NodeServiceOptions): ImageDefinition {
  const service = { entry: options.entry, packages: options.packages ?? [] };
  const program = `/app/${options.name}.cjs`;
  return {
    name: `firedrill.local/${options.name}`,
    layers: [nodeLayer(), { id: options.name, files: [{ path: program, mode: 0o644, from: { service } }] }],
    entrypoint: [NODE_PATH, ...(options.nodeOptions ?? []), program],
    env: { PATH: '/usr/bin', NODE_ENV: 'production' },
    workingDir: '/app',
    user: SERVICE_USER,
  };
}
