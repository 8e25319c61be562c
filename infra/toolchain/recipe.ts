import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Architecture, Bundle } from './component.ts';

/** The folder of the committed Go modules. */
export const MODULES_FOLDER = join(import.meta.dirname, 'modules');

/** The flags of every build. They are part of the compile cache's keys, so they are the same for all. */
export const COMPILE_FLAGS = ['-trimpath', '-mod=readonly', '-buildvcs=false', '-gcflags=all=-dwarf=false'];

/**
 * The name of a bundle's folder in the cache: version, platform, and a digest over everything that decides its content,
 * so that a changed table row or go.mod never meets an old binary.
 */
export async function cacheKey(
  bundle: Bundle,
  architecture: Architecture,
  modulesFolder: string,
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(decisive(bundle)));
  const folder = join(modulesFolder, bundle.build.module);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.sort()) {
    hash
      .update(relative(folder, file))
      .update('\0')
      .update(await readFile(file));
  }
  return `${bundle.version}-linux-${architecture}-${hash.digest('hex').slice(0, 12)}`;
}

/**
 * What of a table row decides the content of its binaries: not the addresses, nor the estimates. Nor do checksums, since what was built
 * stays right when one is added; a download carries its own.
 */
function decisive({ name, version, tools, build }: Bundle): unknown {
  const { module, packages, tags = [], stamps = {} } = build;
  return [COMPILE_FLAGS, name, version, tools, module, packages, tags, stamps];
}
