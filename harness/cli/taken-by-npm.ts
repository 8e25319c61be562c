import { FiredrillError } from '../core/errors.ts';

/** npm has settings of these names itself, which may stand in a file of its user's. */
const SETTINGS_OF_NPM: ReadonlySet<string> = new Set(['--browser', '--json']);

/** What npm takes short options for; others stand in its environment as they are, in small letters. */
const SHORT_OF_NPM: Readonly<Record<string, string>> = { '-c': 'call', '-g': 'global' };

/**
 * Refuses options that npm has taken for its own, since no `--` stood before them: it tells them to the environment of its scripts,
 * and the command would do something else than it was asked to.
 *
 * @param names The options that the command has
 * @throws FiredrillError `arguments.malformed`
 */
export function refuseTakenByNpm(names: readonly string[], env: NodeJS.ProcessEnv): void {
  if (env['npm_lifecycle_event'] === undefined) return;
  const taken = [...new Set(names)].filter((name) => !SETTINGS_OF_NPM.has(name) && isTaken(name, env));
  if (taken.length === 0) return;
  throw new FiredrillError(
    'arguments.malformed',
    `${taken.join(', ')}: npm has taken it for an option of its own, and nobody else was told`,
    {
      hint: `write -- before what is not for npm: npm run ${env['npm_lifecycle_event']} -- ... ${taken.join(' ')}`,
    },
  );
}

function isTaken(name: string, env: NodeJS.ProcessEnv): boolean {
  const [, no, key = ''] = /^--?(no-)?(.*)$/.exec(name) ?? [];
  const value = env[`npm_config_${SHORT_OF_NPM[name] ?? key.replaceAll('-', '_').toLowerCase()}`];
  // To npm `--no-NAME` is the opposite of a setting, which it tells as nothing.
  return no === undefined ? value !== undefined : value === '';
}
