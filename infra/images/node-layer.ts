import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ImageFile, ImageLayer } from './definition.ts';
import { sharedLibrariesOf } from './shared-libraries.ts';

/** Where the node executable is in every image of ours. */
export const NODE_PATH = '/usr/bin/node';
/** A user without rights, for services. */
export const SERVICE_USER = '65532:65532';

const PASSWD = 'root:x:0:0:root:/:/sbin/nologin\nservice:x:65532:65532:service:/tmp:/sbin/nologin\n';
const GROUP = 'root:x:0:\nservice:x:65532:\n';

const layers = new Map<string, ImageLayer>();

/**
 * Node itself as a layer: the executable, the libraries that it is started with at the same paths, and the few files
 * that programs expect. The same executable gives the same layer, so that all services share it.
 */
export function nodeLayer(executable: string = process.execPath): ImageLayer {
  const known = layers.get(executable);
  if (known !== undefined) return known;
  const layer: ImageLayer = {
    id: 'node',
    files: [
      { path: NODE_PATH, mode: 0o755, from: { file: executable } },
      ...libraryFiles(executable),
      ...accountFiles(),
    ],
  };
  layers.set(executable, layer);
  return layer;
}

/** The libraries of a program as files of a layer. */
export function libraryFiles(program: string): readonly ImageFile[] {
  const named = sharedLibrariesOf(program);
  return [...named, ...nameServiceLibraries(named)].map((path) => ({
    path,
    mode: 0o755,
    from: { file: path },
  }));
}

/** What the C library loads by itself to look up names; newer ones have it built in and bring none. */
function nameServiceLibraries(libraries: readonly string[]): readonly string[] {
  const libc = libraries.find((path) => basename(path) === 'libc.so.6');
  if (libc === undefined) return [];
  return ['libnss_dns.so.2', 'libnss_files.so.2', 'libresolv.so.2']
    .map((name) => join(dirname(libc), name))
    .filter((path) => existsSync(path) && !libraries.includes(path));
}

/** What most programs look for: users, groups, and a place for temporary files. */
export function accountFiles(): readonly ImageFile[] {
  return [
    { path: '/etc/passwd', from: { bytes: Buffer.from(PASSWD) } },
    { path: '/etc/group', from: { bytes: Buffer.from(GROUP) } },
    { path: '/etc/nsswitch.conf', from: { bytes: Buffer.from('hosts: files dns\n') } },
    { path: '/tmp', mode: 0o1777, from: { directory: true } },
  ];
}
