import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the state of live clusters is kept: `FIREDRILL_STATE_DIR`, or the user's state directory. */
export function stateRoot(env: NodeJS.ProcessEnv): string {
  if (env['FIREDRILL_STATE_DIR']) return env['FIREDRILL_STATE_DIR'];
  return join(env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'firedrill');
}
