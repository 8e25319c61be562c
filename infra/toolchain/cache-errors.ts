import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import { isOutOfSpace } from '../../harness/core/file-errors.ts';

/** Turns what a file system says of the cache into one clear error; anything else passes through. */
export function explainCache(error: unknown, folder: string): unknown {
  if (isOutOfSpace(error))
    return new FiredrillError(
      'toolchain.disk-full',
      `The disk ran full while tools were made in ${folder}; nothing half-made was kept`,
      {
        hint: 'Free some space (everything built needs about 10 GB with the caches of Go, downloads 2 GB), or set XDG_CACHE_HOME to a larger disk.',
        cause: error,
      },
    );
  const { path, dest } = (error ?? {}) as { readonly path?: unknown; readonly dest?: unknown };
  // By its place, not by its code: Node says of a folder that cannot be made on a read-only disk that it is not there.
  if (![path, dest].some((place) => typeof place === 'string' && place.startsWith(folder))) return error;
  return new FiredrillError(
    'toolchain.cache-unusable',
    `The cache ${folder} cannot be used: ${messageOf(error)}`,
    {
      hint: 'Make it writable for you and remove what is in the way, or set XDG_CACHE_HOME to another folder.',
      cause: error,
    },
  );
}
