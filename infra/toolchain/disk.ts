import { messageOf, FiredrillError } from '../../harness/core/errors.ts';

/** Turns "no space" of whatever wrote into one clear error; anything else passes through. */
export function explainDisk(error: unknown, folder: string): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const full = code === 'ENOSPC' || code === 'EDQUOT' || /no space left on device/i.test(messageOf(error));
  if (!full) return error;
  return new FiredrillError(
    'toolchain.disk-full',
    `The disk ran full while tools were made in ${folder}; nothing half-made was kept`,
    {
      hint: 'Free some space (everything built needs about 10 GB with the caches of Go, downloads 2 GB), or set XDG_CACHE_HOME to a larger disk.',
      cause: error,
      userError: true,
    },
  );
}
