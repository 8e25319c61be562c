import { FiredrillError } from '../../harness/core/errors.ts';
import { findProgram } from '../process/find-program.ts';
import { ensurePrograms, findSystemPrograms, type SystemOptions } from './system.ts';

/** Names that distributions give to Chromium and its relatives. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'] as const;

/**
 * The path of a Chromium for tests of pages: FIREDRILL_CHROMIUM, one on this machine, or the distribution's package. Runs of
 * scenarios never need it.
 *
 * @throws FiredrillError `system.chromium-unusable`, or as `ensureSystemPrograms`
 */
export async function ensureChromium(options: SystemOptions = {}): Promise<string> {
  const environment = options.environment ?? process.env;
  const configured = environment['FIREDRILL_CHROMIUM'];
  if (configured !== undefined && configured !== '') {
    const path = configured.startsWith('/') ? await findProgram(configured, '/') : undefined;
    if (path !== undefined) return path;
    throw new FiredrillError(
      'system.chromium-unusable',
      `FIREDRILL_CHROMIUM=${configured} is not the absolute path of a program`,
      { hint: 'Unset it, or set it to a Chromium that is there.', userError: true },
    );
  }
  const found = await findSystemPrograms(NAMES, options);
  const [path] = NAMES.flatMap((name) => found[name] ?? []);
  if (path !== undefined) return path;
  return (await ensurePrograms({ chromium: 'chromium' }, options)).chromium;
}
