import { basename } from 'node:path';
import type { ImageDefinition, ImageFile } from './definition.ts';
import { accountFiles, libraryFiles, SERVICE_USER } from './node-layer.ts';

interface BinaryImageOptions {
  /** The part after `firedrill.local/`. */
  readonly name: string;
  /** A program of this machine; its libraries come along when it is not static. */
  readonly binary: string;
  readonly extraFiles?: readonly ImageFile[];
}

/** An image of one program: `/usr/bin/NAME-OF-THE-FILE`, what it is linked with, and users. */
export function binaryImage({ name, binary, extraFiles = [] }: BinaryImageOptions): ImageDefinition {
  const program = basename(binary);
  const path = `/usr/bin/${program}`;
  const own = [{ path, mode: 0o755, from: { file: binary } }, ...libraryFiles(binary), ...accountFiles()];
  return {
    name: `firedrill.local/${name}`,
    layers: [
      { id: program, files: own },
      ...(extraFiles.length === 0 ? [] : [{ id: `${name}-files`, files: extraFiles }]),
    ],
    entrypoint: [path],
    env: { PATH: '/usr/bin' },
    user: SERVICE_USER,
  };
}

/** An image of nothing but one static program, `/NAME`, of which these are the bytes. */
export function staticImage(name: string, program: Uint8Array): ImageDefinition {
  const path = `/${name}`;
  return {
    name: `firedrill.local/${name}`,
    layers: [{ id: name, files: [{ path, mode: 0o755, from: { bytes: program } }] }],
    entrypoint: [path],
  };
}
