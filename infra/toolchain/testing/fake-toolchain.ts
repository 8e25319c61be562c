import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bundle } from '../component.ts';
import { readSettings } from '../settings.ts';
import { Toolchain } from '../toolchain.ts';
import { temporaryDirectory } from '../../../harness/testing/temporary-directory.ts';

/**
 * A tool chain for tests: a table of one bundle with two small tools, a Go that is a shell script, and a cache of its own.
 * Everything between them is the real thing.
 */
export interface FakeToolchain {
  readonly folder: string;
  readonly cacheFolder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly bundle: Bundle;
  /** What the Go script writes into each tool. */
  readonly content: string;
  /** @param changes `more`: further bundles besides the one */
  open(changes?: {
    environment?: NodeJS.ProcessEnv;
    bundle?: Partial<Bundle>;
    more?: readonly Partial<Bundle>[];
  }): Toolchain;
}

const TOOLS = ['alpha', 'beta'] as const;

/** The script notes each build in builds.log and its variables in environment, waits where the file `slow` exists, notes where `watched` does whether another runs beside it, and writes the tools. */
function goScript(folder: string): string {
  return `#!/bin/sh
case "$1" in
  env) cat '${folder}/go-version'; exit 0 ;;
  list) exit 0 ;;
esac
echo "$$" >> '${folder}/builds.log'
env > '${folder}/environment'
while [ $# -gt 0 ]; do
  if [ "$1" = -o ]; then output=$2; fi
  shift
done
echo example.org/compiled >&2
if [ -f '${folder}/slow' ]; then exec sleep 300; fi
if [ -f '${folder}/watched' ]; then
  mkdir '${folder}/building' || echo overlap >> '${folder}/overlaps'
  sleep 0.1
  rmdir '${folder}/building'
fi
if [ -f '${folder}/fails' ]; then cat '${folder}/fails' >&2; exit 1; fi
tools=$output
if [ -d "$output" ]; then tools="$output/${TOOLS.join(' $output/')}"; fi
for tool in $tools; do
  cat '${folder}/content' > "$tool" || exit 1
  chmod +x "$tool"
done
`;
}

/** Makes one in a temporary folder. */
export async function createFakeToolchain(cacheHome?: string): Promise<FakeToolchain> {
  const folder = temporaryDirectory('toolchain');
  const modulesFolder = join(folder, 'modules');
  const content = '#!/bin/sh\necho built\n';
  await mkdir(join(folder, 'bin'), { recursive: true });
  await mkdir(join(modulesFolder, 'fake'), { recursive: true });
  await writeFile(join(modulesFolder, 'fake', 'go.mod'), 'module fake\n\ngo 1.26.0\n');
  await writeFile(join(folder, 'bin', 'go'), goScript(folder), { mode: 0o755 });
  await writeFile(join(folder, 'go-version'), 'go1.26.8\n');
  await writeFile(join(folder, 'content'), content);
  const bundle: Bundle = {
    name: 'fake',
    version: '1.2.3',
    tools: TOOLS,
    download: [
      {
        url: 'http://127.0.0.1:9/{version}-{arch}.tar.gz',
        checksums: {},
        holds: { alpha: 'alpha', beta: 'beta' },
      },
    ],
    build: {
      module: 'fake',
      packages: { alpha: 'example.org/alpha', beta: 'example.org/beta' },
      tags: [],
      stamps: {},
      packageCount: 2,
      estimateMs: 1_000,
    },
  };
  const cacheHome_ = cacheHome ?? join(folder, 'cache');
  const environment = {
    PATH: `${folder}/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
    XDG_CACHE_HOME: cacheHome_,
    HOME: folder,
  };
  return {
    folder,
    cacheFolder: join(cacheHome_, 'firedrill', 'tools'),
    environment,
    bundle,
    content,
    open: (changes = {}) =>
      new Toolchain({
        bundles: [changes.bundle, ...(changes.more ?? [])].map((change) => ({ ...bundle, ...change })),
        settings: readSettings(TOOLS, { ...environment, ...changes.environment }, 'x64'),
        modulesFolder,
      }),
  };
}

/** A release file with both tools under `release-1.2.3-amd64/`, and its digest. */
export function createArchive(
  folder: string,
  payload: Buffer,
): { path: string; sha256: string; body: Buffer } {
  const path = join(folder, 'release.tar.gz');
  const staged = 'release-1.2.3-amd64';
  const script = `mkdir -p '${staged}' && cat > '${staged}/alpha' && cp '${staged}/alpha' '${staged}/beta' && tar -czf '${path}' '${staged}' && cat '${path}'`;
  const result = spawnSync('sh', ['-ec', script], { cwd: folder, input: payload, maxBuffer: 1 << 28 });
  if (result.status !== 0) throw new Error(String(result.stderr));
  return { path, sha256: createHash('sha256').update(result.stdout).digest('hex'), body: result.stdout };
}
