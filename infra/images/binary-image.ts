import { basename } from 'node:path';
import { given } from '../../harness/core/given.ts';
import type { ImageDefinition, ImageFile } from './definition.ts';
import { accountFiles, libraryFiles, SERVICE_USER } from './node-layer.ts';

export interface BinaryImageOptions {
  /** The part after `firedrill.local/`. */
  readonly name: string;
  /** A program of this machine; its libraries come along when it is not static. */
  readonly binary: string;
  /** Arguments that every container starts with, before those of the pod. */
  readonly args?: readonly string[];
  readonly extraFiles?: readonly ImageFile[];
  readonly env?: Readonly<Record<string, string>>;
  /** `uid:gid`; absent: the service user without rights. */
  readonly user?: string;
}

/** An image of one program: `/usr/bin/NAME-OF-THE-FILE`, what it is linked with, and users. */
export function binaryImage(options: BinaryImageOptions): ImageDefinition {
  const path = `/usr/bin/${basename(options.binary)}`;
  return {
    name: `firedrill.local/${options.name}`,
    layers: [
      {
        id: basename(options.binary),
        files: [
          { path, mode: 0o755, from: { file: options.binary } },
          ...libraryFiles(options.binary),
          ...accountFiles(),
        ],
      },
      ...(options.extraFiles === undefined || options.extraFiles.length === 0
        ? []
        : [{ id: `${options.name}-files`, files: options.extraFiles }]),
    ],
    entrypoint: [path, ...(options.args ?? [])],
    env: { PATH: '/usr/bin', ...options.env },
    user: options.user ?? SERVICE_USER,
  };
}

export interface StaticImageOptions {
  readonly name: string;
  /** The bytes of a program that needs no library. */
  readonly program: Uint8Array;
  readonly user?: string;
}

/** An image of nothing but one static program, `/NAME`. */
export function staticImage(options: StaticImageOptions): ImageDefinition {
  const path = `/${options.name}`;
  return {
    name: `firedrill.local/${options.name}`,
    layers: [{ id: options.name, files: [{ path, mode: 0o755, from: { bytes: options.program } }] }],
    entrypoint: [path],
    ...given({ user: options.user }),
  };
}
