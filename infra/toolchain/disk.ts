import { FiredrillError } from '../../harness/core/errors.ts';
import { isOutOfSpace } from '../../harness/core/file-errors.ts';

/** Turns "no space" of whatever wrote into one clear error; anything else passes through. */
export function explainDisk(error: unknown, folder: string): unknown {
  if (!isOutOfSpace(error)) return error;
  return new FiredrillError(
    'toolchain.disk-full',
    `The disk ran full while tools were made in ${folder}; nothing half-made was kept`,
    {
      hint: 'Free some space (everything built needs about 10 GB with the caches of Go, downloads 2 GB), or set XDG_CACHE_HOME to a larger disk.',
      cause: error,
    },
  );
}
