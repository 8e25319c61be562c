import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FiredrillError } from '../../harness/core/errors.ts';
import type { Architecture, Bundle } from './component.ts';
import type { Go } from './go.ts';
import { COMPILE_FLAGS } from './recipe.ts';
import { run } from './run.ts';

export interface BuildRequest {
  readonly bundle: Bundle;
  readonly architecture: Architecture;
  readonly go: Go;
  readonly modulesFolder: string;
  /** An empty folder of ours on the cache's file system. */
  readonly scratch: string;
  readonly environment: NodeJS.ProcessEnv;
  /** How much garbage the compilers may pile up, unless the environment says so itself. */
  readonly gogc: number;
  /** Added to the build's niceness, so that what is needed first goes first. */
  readonly niceness: number;
  readonly signal?: AbortSignal | undefined;
  /** Packages compiled so far. */
  readonly onPackages: (count: number) => void;
}

/**
 * Builds a bundle's tools from its pinned modules.
 *
 * The module folder is copied first: Go may want to write beside a go.mod, and the project may be read-only.
 *
 * @returns The folder that holds the binaries
 * @throws FiredrillError `toolchain.build-failed`
 */
export async function build(request: BuildRequest): Promise<string> {
  const { bundle, scratch } = request;
  const module = join(scratch, 'module');
  const output = join(scratch, 'bin');
  const work = join(scratch, 'work');
  await cp(join(request.modulesFolder, bundle.build.module), module, { recursive: true });
  await mkdir(output);
  await mkdir(work);
  const packages = bundle.tools.map((tool) => bundle.build.packages[tool] ?? '.');
  const single = bundle.tools.length === 1 ? bundle.tools[0] : undefined;
  let compiled = 0;
  const result = await run(
    'nice',
    [
      '-n',
      String(request.niceness),
      request.go.path,
      ...buildArguments(bundle, join(output, single ?? '/'), packages),
    ],
    {
      folder: module,
      environment: buildEnvironment(request, work),
      signal: request.signal,
      onLine: (line) => {
        // With -v the tool prints one import path per compiled package; everything else has spaces in it.
        if (line !== '' && !line.includes(' ')) request.onPackages(++compiled);
      },
    },
  );
  if (result.code === 0) return output;
  throw new FiredrillError(
    'toolchain.build-failed',
    `go build of ${bundle.name} ${bundle.version} ended with ${result.code ?? 'a signal'}:\n${reasonIn(result.lastErrors)}`,
    {
      hint: `Modules come from ${request.environment['GOPROXY'] ?? 'the proxy that "go env GOPROXY" names'}. See that it answers, then run the same command again: what was built is kept.`,
    },
  );
}

function buildArguments(bundle: Bundle, output: string, packages: readonly string[]): string[] {
  const { tags, stamps } = bundle.build;
  const linker = ['-s', '-w', ...Object.entries(stamps).map(([name, value]) => `-X ${name}=${value}`)];
  return [
    'build',
    '-v',
    ...COMPILE_FLAGS,
    ...(tags.length > 0 ? ['-tags', tags.join(',')] : []),
    '-ldflags',
    linker.join(' '),
    '-o',
    output,
    ...packages,
  ];
}

function buildEnvironment(request: BuildRequest, work: string): NodeJS.ProcessEnv {
  return {
    ...request.environment,
    CGO_ENABLED: '0',
    GO111MODULE: 'on',
    GOARCH: request.architecture,
    GOFLAGS: '',
    GOGC: request.environment['GOGC'] ?? String(request.gogc),
    GOOS: 'linux',
    GOTMPDIR: work,
    GOTOOLCHAIN: 'local',
    GOWORK: 'off',
  };
}

/** What went wrong, without the lines that only say what was compiled or downloaded. */
function reasonIn(lines: string): string {
  const telling = lines
    .split('\n')
    .filter((line) => line.includes(' ') && !line.startsWith('go: downloading '));
  return telling.slice(-15).join('\n');
}
