import { userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { FiredrillError } from '../../harness/core/errors.ts';

const USUAL = { XDG_CACHE_HOME: '.cache', XDG_STATE_HOME: '.local/state' } as const;

/**
 * Our folder in one of this user's, as the XDG Base Directory Specification has it: a variable that is empty, or no absolute path, is
 * as good as unset.
 * @throws FiredrillError `process.no-home`
 */
export function userFolder(variable: keyof typeof USUAL, env: NodeJS.ProcessEnv): string {
  const told = absolute(env[variable]);
  if (told !== undefined) return join(told, 'firedrill');
  const home = homeFolder(env);
  if (home !== undefined) return join(home, USUAL[variable], 'firedrill');
  throw new FiredrillError(
    'process.no-home',
    `HOME names no folder, and the system knows no user ${process.getuid?.() ?? ''} who would have one`,
    { hint: `set HOME, or ${variable}, to a folder of yours` },
  );
}

/**
 * The home of this user by HOME, unless that is empty or no absolute path, and then by what the system says of the user; undefined
 * where it knows no such user, as in a container that runs under a number of its own.
 */
export function homeFolder(env: NodeJS.ProcessEnv): string | undefined {
  const told = absolute(env['HOME']);
  if (told !== undefined) return told;
  try {
    return userInfo().homedir;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SYSTEM_ERROR') return undefined;
    throw error;
  }
}

function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}
