import { join, resolve } from 'node:path';
import { isPackage } from '../core/installation.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/**
 * Goes where the user stands, so that each path that was typed, in an option or in a variable, leads where its user means it: npm starts the
 * scripts of our clone in the clone's own folder. A script in a user's own package means the folder of that package.
 *
 * @returns the folder that we were started in, which is the one for what is written without being named
 */
export function goToUser(env: NodeJS.ProcessEnv): string {
  const started = process.cwd();
  const { npm_lifecycle_event: script, INIT_CWD: folder = '', FIREDRILL_SCENARIOS: scenarios = '' } = env;
  if (isPackage || script === undefined || folder === '' || started !== ROOT) return started;
  process.chdir(folder);
  // It is read in relation to the clone.
  if (scenarios !== '') env['FIREDRILL_SCENARIOS'] = resolve(scenarios);
  return started;
}
