import { FiredrillError } from '../../harness/core/errors.ts';

/** Container engines that we know how to use, in the order in which they are asked. */
export const ENGINES = ['docker', 'podman', 'nerdctl'] as const;
export type EngineName = (typeof ENGINES)[number];

/**
 * The only engine that may be used, by the environment's word; absent: whichever answers.
 * @throws FiredrillError `engine.bad-setting`
 */
export function engineSetting(env: Readonly<Record<string, string | undefined>>): EngineName | undefined {
  const text = env['FIREDRILL_ENGINE'] ?? '';
  if (text === '') return undefined;
  const found = ENGINES.find((name) => name === text);
  if (found !== undefined) return found;
  throw new FiredrillError(
    'engine.bad-setting',
    `FIREDRILL_ENGINE=${text}: one of ${ENGINES.join(', ')} is wanted`,
  );
}
