import { join } from 'node:path';
import { FiredrillError } from '../../harness/core/errors.ts';
import { isHttpAddress } from '../http/http-proxy.ts';
import { userFolder } from '../process/user-folders.ts';
import type { Architecture } from './component.ts';

const MODES = ['auto', 'download', 'build', 'cache'] as const;

/** How tools that are not in the cache may be had. */
type Mode = (typeof MODES)[number];

/** What the environment says about tools, read once. */
export interface Settings {
  readonly mode: Mode;
  /** Absolute folder of our cache. */
  readonly cacheFolder: string;
  readonly architecture: Architecture;
  /** Release host to the address of a mirror, under which the same paths are found. */
  readonly mirrors: ReadonlyMap<string, string>;
  /** Only checksums of our own table count, none that is fetched. */
  readonly pinnedOnly: boolean;
  /** Tool name to the path that replaces it. */
  readonly overrides: ReadonlyMap<string, string>;
  /** The environment for child processes. */
  readonly environment: NodeJS.ProcessEnv;
}

/** `kube-apiserver` is overridden by FIREDRILL_TOOL_KUBE_APISERVER. */
export function overrideVariable(tool: string): string {
  return `FIREDRILL_TOOL_${tool.toUpperCase().replaceAll('-', '_')}`;
}

function modeOf(value: string | undefined): Mode {
  if (value === undefined || value === '') return 'auto';
  const mode = MODES.find((known) => known === value);
  if (mode) return mode;
  throw new FiredrillError(
    'toolchain.mode-unknown',
    `FIREDRILL_TOOLCHAIN is "${value}", which is none of ${MODES.join(', ')}`,
    { hint: 'Unset it, or set it to one of these.' },
  );
}

/** `github.com=https://mirror.example/github`, and more of them after commas. */
function mirrorsOf(value = ''): ReadonlyMap<string, string> {
  const entries = value.split(',').map((entry) => entry.trim());
  return new Map(
    entries.filter(Boolean).map((entry) => {
      const [, host, address] = /^([^=/]+)=(https?:\/\/.+?)\/*$/.exec(entry) ?? [];
      if (host !== undefined && address !== undefined && isHttpAddress(address))
        return [host.toLowerCase(), address];
      throw new FiredrillError(
        'toolchain.bad-mirror',
        `FIREDRILL_TOOLCHAIN_MIRRORS has "${entry.replace(/\/\/[^/]*@/, '//')}", which is not HOST=ADDRESS`,
        {
          hint: 'For instance github.com=https://mirror.example/github,dl.k8s.io=https://mirror.example/k8s; a % in a password is written %25',
        },
      );
    }),
  );
}

function architectureOf(nodeName: string): Architecture {
  if (nodeName === 'x64') return 'amd64';
  if (nodeName === 'arm64') return 'arm64';
  throw new FiredrillError(
    'toolchain.architecture-unknown',
    `No tools are pinned for the architecture ${nodeName}; there are some for x64 and arm64`,
    { hint: 'Use a machine of one of these, or an existing cluster.' },
  );
}

/** The folder of Firedrill's cache for this user. */
export function cacheRoot(environment: NodeJS.ProcessEnv): string {
  return userFolder('XDG_CACHE_HOME', environment);
}

/**
 * Reads the settings.
 *
 * @param tools The names whose overrides are looked for.
 * @throws FiredrillError `toolchain.mode-unknown`, `toolchain.architecture-unknown`, `toolchain.bad-mirror`
 */
export function readSettings(
  tools: readonly string[],
  environment: NodeJS.ProcessEnv,
  nodeArchitecture: string = process.arch,
): Settings {
  const overrides = new Map<string, string>();
  for (const tool of tools) {
    const path = environment[overrideVariable(tool)];
    if (path !== undefined && path !== '') overrides.set(tool, path);
  }
  return {
    mode: modeOf(environment['FIREDRILL_TOOLCHAIN']),
    cacheFolder: join(cacheRoot(environment), 'tools'),
    architecture: architectureOf(nodeArchitecture),
    mirrors: mirrorsOf(environment['FIREDRILL_TOOLCHAIN_MIRRORS']),
    pinnedOnly: !['', '0', undefined].includes(environment['FIREDRILL_TOOLCHAIN_PINNED']),
    overrides,
    environment,
  };
}
