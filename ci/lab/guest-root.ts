import { hash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { takeLock } from '../../infra/process/lock.ts';
import { run } from '../../infra/process/run.ts';

const SUITE = 'bookworm';
/** What a cluster needs of the distribution, what Node is linked with, and no more. */
const PACKAGES = [
  ...['ca-certificates', 'conntrack', 'e2fsprogs', 'iproute2', 'iptables', 'kmod', 'libatomic1'],
  ...['libstdc++6', 'mount', 'procps', 'runc', 'util-linux'],
];
/** Where the guest mounts something. */
const FOLDERS = ['data', 'lib/modules', 'project', 'shared'];
/** User Mode Linux has no nf_tables for both families at once. */
const LEGACY = ['iptables', 'ip6tables'];

interface GuestRootOptions {
  /** The folder of such roots. */
  readonly cache: string;
  /** Path of the program. */
  readonly mmdebstrap: string;
  readonly write: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * The root of the guest: a folder with a small Debian, made once for each list of packages.
 * @throws FiredrillError `command.failed`
 */
export async function guestRoot({ cache, mmdebstrap, write, signal }: GuestRootOptions): Promise<string> {
  const hooks = [
    `mkdir -p ${FOLDERS.map((name) => `"$1"/${name}`).join(' ')}`,
    ...LEGACY.map((name) => `chroot "$1" update-alternatives --set ${name} /usr/sbin/${name}-legacy`),
  ];
  const key = hash('sha256', [SUITE, ...PACKAGES, ...hooks].join('\n')).slice(0, 24);
  const folder = join(cache, key);
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  using _lock = await takeLock(join(dirname(cache), 'lab.lock'), { signal });
  if (existsSync(folder)) return folder;
  const making = `${folder}.making`;
  rmSync(making, { recursive: true, force: true });
  write(`making the guest's root of Debian packages, once: ${folder}`);
  const options = ['--mode=root', '--variant=minbase', `--include=${PACKAGES.join(',')}`];
  const customize = hooks.map((hook) => `--customize-hook=${hook}`);
  await run(mmdebstrap, [...options, ...customize, SUITE, making], { signal, group: true });
  renameSync(making, folder);
  return folder;
}
