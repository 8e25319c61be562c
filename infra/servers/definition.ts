import { createHash } from 'node:crypto';
import { given } from '../../harness/core/given.ts';
import type { ImageFile } from '../images/definition.ts';
import type { ToolName } from '../toolchain/index.ts';

/** Where something inside of a server can be reached from this machine. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** How one image is made into the server. */
interface Program {
  /** Follows the image's own entry point. */
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * A throw-away server: two programs that can be it, and what it looks like to whoever uses it. Both programs listen on the
 * same ports and write only to `scratch`.
 */
export interface ServerDefinition<Port extends string = string, Client extends object = object> {
  /** Of one word or more, joined by dashes: it is in the names of containers and of environment variables. */
  readonly name: string;
  /** Ports inside of the container. */
  readonly ports: Readonly<Record<Port, number>>;
  /** Answers by HTTP as soon as the server can be used; with any status where none is given. */
  readonly ready: { readonly port: Port; readonly path: string; readonly status?: number };
  /** Folders in memory. */
  readonly scratch: readonly string[];
  readonly official: Program & { readonly image: string };
  /** Built here where the official image cannot be had. */
  readonly standIn: Program & { readonly tool: ToolName; readonly files?: readonly ImageFile[] };
  /** What the user of the server gets. */
  readonly client: (addresses: Readonly<Record<Port, HostPort>>) => Client;
}

/** Everything that decides what a container does. */
export interface ContainerSpec {
  readonly image: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly ports: readonly number[];
  readonly scratch: readonly string[];
  /** A network of the engine; absent: its default one. */
  readonly network?: string;
}

/** What a container of this image has to be given. */
export function containerSpec(
  definition: ServerDefinition,
  image: { readonly reference: string; readonly isStandIn: boolean },
  network?: string,
): ContainerSpec {
  const { command, env = {} } = image.isStandIn ? definition.standIn : definition.official;
  return {
    image: image.reference,
    command,
    env,
    ports: Object.values(definition.ports),
    scratch: definition.scratch,
    ...given({ network }),
  };
}

/** Two servers with the same hash are interchangeable. */
export function specHash(spec: ContainerSpec): string {
  const sorted = Object.entries(spec.env).sort(([one], [other]) => (one < other ? -1 : 1));
  const decisive = [spec.image, spec.command, sorted, spec.ports, spec.scratch, spec.network ?? ''];
  return createHash('sha256').update(JSON.stringify(decisive)).digest('hex').slice(0, 16);
}
