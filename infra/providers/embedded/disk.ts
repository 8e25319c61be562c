import { mkdirSync, openSync, truncateSync, writeFileSync } from 'node:fs';
import { run } from '../../process/run.ts';

const DISK_BYTES = 4 * 1024 ** 3;

/** Makes the disks of the machines. */
export interface DiskFactory {
  create(path: string): Promise<void>;
}

/** Empty ext4 disks: sparse, without a journal, since a machine that loses power here is never repaired. */
export const emptyDisks: DiskFactory = {
  async create(path) {
    writeFileSync(path, '');
    truncateSync(path, DISK_BYTES);
    await run('mkfs.ext4', ['-q', '-F', '-O', '^has_journal', '-m', '0', path]);
  },
};

/**
 * Disks that begin as a copy of another one; shared blocks where the file system can, without its holes anywhere. The
 * original stays open for the life of this process: whoever tidies the cache meanwhile does not take it away from us.
 */
export function copiesOf(golden: string): DiskFactory {
  const held = `/proc/${process.pid}/fd/${openSync(golden, 'r')}`;
  return {
    async create(path) {
      await run('cp', ['--reflink=auto', '--sparse=always', held, path]);
    },
  };
}

/** A disk whose files this process and the machines that it starts see in a folder; gone with their mount namespaces. */
export class SharedDisk {
  readonly #disk: string;
  readonly #folder: string;
  #mounted: Promise<void> | undefined;

  constructor(disk: string, folder: string) {
    this.#disk = disk;
    this.#folder = folder;
  }

  /** Twice is as good as once. */
  mount(): Promise<void> {
    this.#mounted ??= this.#mount();
    return this.#mounted;
  }

  async unmount(): Promise<void> {
    const isMounted = await this.#mounted?.then(
      () => true,
      () => false,
    );
    if (isMounted === true) await run('umount', [this.#folder]);
  }

  async #mount(): Promise<void> {
    mkdirSync(this.#folder);
    await run('mount', ['-o', 'loop,ro', this.#disk, this.#folder]);
  }
}
