import { cp, link, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FiredrillError } from '../../harness/core/errors.ts';
import { execute } from '../process/run.ts';
import type { Architecture, Bundle } from './component.ts';
import { NO_USER_SETTINGS, type Go } from './go.ts';
import { COMPILE_FLAGS } from './recipe.ts';

/** What a build needs to know. */
interface BuildOrder {
  readonly bundle: Bundle;
  readonly architecture: Architecture;
  readonly go: Go;
  readonly modulesFolder: string;
  /** An empty folder of ours on the cache's file system. */
  readonly scratch: string;
  readonly environment: NodeJS.ProcessEnv;
  /** How much garbage the compilers may pile up, unless the environment says so itself. */
  readonly gogc: number;
  /** Added to the build's niceness: what is needed later yields to what already runs. */
  readonly niceness: number;
  readonly signal?: AbortSignal | undefined;
}

/** A build that is ready to go. */
interface Build {
  /** Downloads the modules, so that the build need not wait for them. Failing is no matter: the build tries again and says why. */
  fetchModules(): Promise<void>;
  /**
   * Compiles and links.
   *
   * @param onPackages Told how many packages have been compiled
   * @returns The folder that holds the binaries
   * @throws FiredrillError `toolchain.build-failed`
   */
  compile(onPackages: (count: number) => void): Promise<string>;
}

const FETCH_NICENESS = 10;

/**
 * Prepares the build of a bundle's tools from their pinned modules.
 *
 * The module folder is copied: Go may want to write beside a go.mod, and the project may be read-only.
 */
export async function prepareBuild(order: BuildOrder): Promise<Build> {
  const { bundle, scratch, signal } = order;
  const folder = join(scratch, 'module');
  const output = join(scratch, 'bin');
  const work = join(scratch, 'work');
  await cp(join(order.modulesFolder, bundle.build.module), folder, { recursive: true });
  await mkdir(output);
  await mkdir(work);
  const environment = buildEnvironment(order, work);
  const packages = [...new Set(bundle.tools.map((tool) => bundle.build.packages[tool] ?? '.'))];
  const go = (niceness: number, args: readonly string[], onLine?: (line: string) => void) =>
    execute('nice', ['-n', String(niceness), order.go.path, ...args], {
      folder,
      env: environment,
      signal,
      group: true,
      onLine,
    });
  return {
    async fetchModules() {
      const niceness = Math.max(FETCH_NICENESS, order.niceness);
      await go(niceness, ['list', '-deps', '-mod=readonly', ...tagsOf(bundle), ...packages]);
    },
    async compile(onPackages) {
      const [first = '', ...others] = bundle.tools;
      const together = packages.length === 1;
      let compiled = 0;
      const args = buildArguments(bundle, join(output, together ? first : '/'), packages);
      const result = await go(order.niceness, args, (line) => {
        // With -v the tool prints one import path per compiled package; everything else has spaces in it.
        if (line !== '' && !line.includes(' ')) onPackages(++compiled);
      });
      if (result.code === 0) {
        // One file under every name: what Linux has in memory of it, it has once.
        if (together) for (const tool of others) await link(join(output, first), join(output, tool));
        return output;
      }
      throw new FiredrillError(
        'toolchain.build-failed',
        `go build of ${bundle.name} ${bundle.version} ended with ${result.code ?? 'a signal'}:\n${reasonIn(result.errors)}`,
        {
          hint: `Modules come from ${order.go.proxy}. See that it answers, then run the same command again: what was built is kept.`,
        },
      );
    },
  };
}

function tagsOf({ build: { tags = [] } }: Bundle): string[] {
  return tags.length > 0 ? ['-tags', tags.join(',')] : [];
}

function buildArguments(bundle: Bundle, output: string, packages: readonly string[]): string[] {
  const { stamps = {} } = bundle.build;
  const linker = ['-s', '-w', ...Object.entries(stamps).map(([name, value]) => `-X ${name}=${value}`)];
  return [
    'build',
    '-v',
    ...COMPILE_FLAGS,
    ...tagsOf(bundle),
    '-ldflags',
    linker.join(' '),
    '-o',
    output,
    ...packages,
  ];
}

function buildEnvironment(order: BuildOrder, work: string): NodeJS.ProcessEnv {
  return {
    ...order.environment,
    CGO_ENABLED: '0',
    GO111MODULE: 'on',
    GOARCH: order.architecture,
    GOGC: order.environment['GOGC'] ?? String(order.gogc),
    GOOS: 'linux',
    GOTMPDIR: work,
    GOPROXY: order.go.proxy,
    ...NO_USER_SETTINGS,
  };
}

/** What went wrong, without the lines that only say what was compiled or downloaded. */
function reasonIn(lines: string): string {
  const telling = lines
    .split('\n')
    .filter((line) => line.includes(' ') && !line.startsWith('go: downloading '));
  return telling.slice(-15).join('\n');
}
