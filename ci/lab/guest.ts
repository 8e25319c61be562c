import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  createWriteStream,
  mkdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { boundToParent } from '../../infra/process/find-program.ts';
import { killGroup, run } from '../../infra/process/run.ts';

const DISK_BYTES = 16 * 1024 ** 3;

interface GuestOptions {
  /** Paths of the kernel that is a program, and of what makes a file system for the guest's disk. */
  readonly kernel: string;
  readonly mkfs: string;
  /** Path of a C compiler. */
  readonly gcc: string;
  /** Its root, which it only reads. */
  readonly root: string;
  /** Folders of this machine that it sees: read-only but for `shared`. */
  readonly project: string;
  readonly tools: string;
  readonly shared: string;
  /** For its disk and what its kernel says; exists. */
  readonly folder: string;
  readonly patience: number;
  /** Hears each line that the guest says. */
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Boots the guest, which runs its steps by itself, and resolves when it has ended; an abort ends it at once. */
export async function runGuest(options: GuestOptions): Promise<void> {
  const { kernel, mkfs, gcc, root, folder, signal } = options;
  signal.throwIfAborted();
  const disk = join(folder, 'disk.img');
  writeFileSync(disk, '');
  truncateSync(disk, DISK_BYTES);
  await run(mkfs, ['-q', '-F', disk], { signal });
  const init = join(root, 'lab-init');
  copyFileSync(join(import.meta.dirname, 'guest-init.sh'), init);
  chmodSync(init, 0o755);
  const registers = join(folder, 'wide-registers.so');
  const source = join(import.meta.dirname, 'wide-registers.c');
  await run(gcc, ['-O2', '-shared', '-fPIC', '-nostdlib', '-o', registers, source], { signal });
  mkdirSync(options.shared, { recursive: true });
  const words = [
    ...['mem=4G', `umid=firedrill-lab-${process.pid}`, `uml_dir=${folder}/`],
    ...['root=/dev/root', 'rootfstype=hostfs', `rootflags=${root}`, 'ro', 'init=/lab-init', `ubda=${disk}`],
    ...['con=null', 'con0=null,fd:1', 'ssl=null', 'quiet', 'ipv6.disable=1'],
    ...[`PROJECT=${options.project}`, `TOOLS=${options.tools}`, `SHARED=${options.shared}`],
    `FIREDRILL_PATIENCE=${options.patience}`,
  ];
  const guest = spawn(...boundToParent(kernel, words), {
    ...{
      detached: true,
      env: { PATH: process.env['PATH'], TMPDIR: '/dev/shm', HOME: folder, LD_PRELOAD: registers },
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = (): void => {
    if (guest.pid !== undefined) killGroup(guest.pid);
  };
  signal.addEventListener('abort', kill, { once: true });
  guest.stderr.pipe(createWriteStream(join(folder, 'kernel.log')));
  createInterface({ input: guest.stdout, crlfDelay: Infinity }).on('line', options.onLine);
  try {
    await once(guest, 'close');
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
    rmSync(disk, { force: true });
  }
}
