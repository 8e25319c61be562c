import { userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';

const USUAL = { XDG_CACHE_HOME: '.cache', XDG_STATE_HOME: '.local/state' } as const;

/**
 * Our folder in one of this user's, as the XDG Base Directory Specification has it: a variable that is empty, or no absolute path, is
 * as good as unset. So is HOME, behind which stands what the system says of the user.
 */
export function userFolder(variable: keyof typeof USUAL, env: NodeJS.ProcessEnv): string {
  const home = absolute(env['HOME']) ?? userInfo().homedir;
  return join(absolute(env[variable]) ?? join(home, USUAL[variable]), 'firedrill');
}

function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}
