import { openSync, truncateSync, writeFileSync } from 'node:fs';
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
