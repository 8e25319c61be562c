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
  return sharedLibrariesOf(program).map((path) => ({ path, mode: 0o755, from: { file: path } }));
}

/** What most programs look for: users, groups, and a place for temporary files. */
export function accountFiles(): readonly ImageFile[] {
  return [
    { path: '/etc/passwd', from: { bytes: Buffer.from(PASSWD) } },
    { path: '/etc/group', from: { bytes: Buffer.from(GROUP) } },
    { path: '/tmp', mode: 0o1777, from: { directory: true } },
  ];
}
