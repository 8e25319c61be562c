import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import { isMissing } from '../../harness/core/file-errors.ts';
import { userFolder } from './user-folders.ts';

/** Where the state of live clusters is kept: `FIREDRILL_STATE_DIR`, or the user's state directory. */
export function stateRoot(env: NodeJS.ProcessEnv): string {
  // Daemons have a working directory of their own.
  if (env['FIREDRILL_STATE_DIR']) return resolve(env['FIREDRILL_STATE_DIR']);
  return userFolder('XDG_STATE_HOME', env);
}

/**
 * Names of all that lies in a folder of the state, whosever it is; none where it has not been made yet.
 * @throws FiredrillError `process.folder-unreadable`: what may be there is not nothing
 */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw new FiredrillError('process.folder-unreadable', `${folder} cannot be read: ${messageOf(cause)}`, {
      cause,
      hint: 'what another user has started is seen, and ended, as that user; HOME, XDG_STATE_HOME and FIREDRILL_STATE_DIR say whose folder it is',
    });
  }
}
