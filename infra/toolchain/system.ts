import { delimiter, join } from 'node:path';
import { FiredrillError } from '../../harness/core/errors.ts';
import { findProgram } from '../process/find-program.ts';
import { takeLock } from '../process/lock.ts';
import { execute } from '../process/run.ts';
import { cacheRoot } from './settings.ts';

/** Programs of the distribution that a cluster on this machine needs, and the Debian packages that bring them. No package with a daemon. */
export const SYSTEM_PROGRAMS = {
  runc: 'runc',
  iptables: 'iptables',
  conntrack: 'conntrack',
  ip: 'iproute2',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  'mkfs.ext4': 'e2fsprogs',
  mount: 'mount',
  losetup: 'mount',
} as const;

type SystemProgram = keyof typeof SYSTEM_PROGRAMS;

/** What installs packages here, and may it? */
export interface SystemOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  /** One line for a person per step. */
  readonly onProgress?: ((message: string) => void) | undefined;
  readonly isRoot?: boolean;
  /** Folders searched after the PATH: where distributions keep what is for root. */
  readonly rootFolders?: readonly string[];
}

const ROOT_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin'];
const APT_OPTIONS = ['-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120'];

/** Which of the programs are here, by name; the others have no path. Changes nothing. */
export async function findSystemPrograms<Name extends string>(
  names: readonly Name[],
  options: SystemOptions,
): Promise<Partial<Record<Name, string>>> {
  const folders = [options.environment['PATH'] ?? '', ...(options.rootFolders ?? ROOT_FOLDERS)].join(
    delimiter,
  );
  const found: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const path = await findProgram(name, folders);
    if (path !== undefined) found[name] = path;
  }
  return found;
}

/**
 * Makes sure that the programs of the distribution are there. Missing ones are installed with apt-get where we are root on a
 * Debian-like machine, and FIREDRILL_INSTALL_DEPS is not 0.
 *
 * @returns Their absolute paths
 * @throws FiredrillError `system.programs-missing` that names programs and packages, `system.install-failed`
 */
export async function ensureSystemPrograms(
  options: SystemOptions,
): Promise<Readonly<Record<SystemProgram, string>>> {
  return ensurePrograms(SYSTEM_PROGRAMS, options);
}

/** As `ensureSystemPrograms`, for a table of one's own: program to package. */
export async function ensurePrograms<Name extends string>(
  packages: Readonly<Record<Name, string>>,
  options: SystemOptions,
): Promise<Record<Name, string>> {
  const names = Object.keys(packages) as Name[];
  const missingOf = (found: Partial<Record<Name, string>>) =>
    names.filter((name) => found[name] === undefined);
  let found = await findSystemPrograms(names, options);
  let missing = missingOf(found);
  if (missing.length > 0) {
    const wanted = [...new Set(missing.map((name) => packages[name]))];
    const obstacle = await obstacleToInstall(options);
    if (obstacle !== undefined) throw missingError(missing, wanted, obstacle);
    using _lock = await takeLock(join(cacheRoot(options.environment), 'apt-get.lock'), {
      signal: options.signal,
    });
    options.onProgress?.(
      `installing ${wanted.join(', ')} with apt-get, for ${missing.join(', ')} (FIREDRILL_INSTALL_DEPS=0 forbids it)`,
    );
    await install(wanted, options);
    found = await findSystemPrograms(names, options);
    missing = missingOf(found);
    if (missing.length > 0) throw missingError(missing, wanted, 'apt-get did not bring them');
  }
  return found as Record<Name, string>;
}

/** Why missing programs cannot be installed here; undefined where they can. */
export async function obstacleToInstall({ environment, isRoot }: SystemOptions): Promise<string | undefined> {
  const told = environment['FIREDRILL_INSTALL_DEPS'] ?? '';
  // Whoever writes "false" or "no" does not want it, and of any other word that is not known.
  if (!['', '1', 'true', 'yes', 'on'].includes(told.toLowerCase()))
    return `FIREDRILL_INSTALL_DEPS=${told} forbids installing them`;
  if ((await findProgram('apt-get', environment['PATH'])) === undefined)
    return 'there is no apt-get to install them with';
  return (isRoot ?? process.getuid?.() === 0) ? undefined : 'only root can install them';
}

function missingError(missing: readonly string[], packages: readonly string[], why: string): FiredrillError {
  return new FiredrillError(
    'system.programs-missing',
    `This machine lacks ${missing.join(', ')}, and ${why}`,
    { hint: `Install the packages that bring them; on Debian: apt-get install ${packages.join(' ')}` },
  );
}

async function install(packages: readonly string[], options: SystemOptions): Promise<void> {
  const environment = { ...options.environment, DEBIAN_FRONTEND: 'noninteractive' };
  const invoke = (args: readonly string[]) =>
    execute('apt-get', args, { env: environment, signal: options.signal, group: true });
  const first = await invoke(['install', ...APT_OPTIONS, ...packages]);
  if (first.code === 0) return;
  options.onProgress?.('the package lists are missing or old, fetching them');
  await invoke(['update', '-o', 'DPkg::Lock::Timeout=120']);
  const second = await invoke(['install', ...APT_OPTIONS, ...packages]);
  if (second.code === 0) return;
  throw new FiredrillError(
    'system.install-failed',
    `apt-get install ${packages.join(' ')} ended with ${second.code ?? 'a signal'}: ${second.errors.trim().slice(-2_000)}`,
    { hint: 'Run that command by hand to see what is wrong with this machine’s packages.' },
  );
}
