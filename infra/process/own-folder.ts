import { mkdirSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';

const WRITABLE_BY_GROUP = 0o020;
const WRITABLE_BY_ALL = 0o002;
/** In such a folder, e.g. /tmp, nobody can remove or rename what belongs to another. */
const STICKY = 0o1000;

/**
 * Makes a folder from which code is run, and answers with its real path. Whoever could write into it, or could put another in its place,
 * would have us run their code as ourselves.
 *
 * @param variable Names another place
 * @throws FiredrillError `process.folder-not-made`, `process.folder-of-others`
 */
export function ownFolder(path: string, variable: 'XDG_CACHE_HOME' | 'FIREDRILL_STATE_DIR'): string {
  const hint = `set ${variable} to a folder in which nobody but you can write`;
  let real: string;
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    real = realpathSync(path);
  } catch (cause) {
    throw new FiredrillError('process.folder-not-made', `${path} could not be made: ${messageOf(cause)}`, {
      cause,
      hint,
    });
  }
  for (let folder = real; ; folder = dirname(folder)) {
    const why = weaknessOf(folder, folder === real);
    if (why !== undefined)
      throw new FiredrillError(
        'process.folder-of-others',
        `code in ${real} is not run: ${folder === real ? 'it' : folder} ${why}`,
        { hint },
      );
    if (folder === dirname(folder)) return real;
  }
}

/** Who else can change what is in a folder; undefined where nobody can. The user's own group counts as the user. */
function weaknessOf(folder: string, isLast: boolean): string | undefined {
  const { uid, gid, mode } = statSync(folder);
  if (uid !== 0 && uid !== process.getuid?.()) return `belongs to user ${uid}`;
  const others = gid === process.getgid?.() ? WRITABLE_BY_ALL : WRITABLE_BY_ALL | WRITABLE_BY_GROUP;
  if ((mode & others) === 0 || (!isLast && (mode & STICKY) !== 0)) return undefined;
  return `can be written by others (mode ${(mode & 0o7777).toString(8)})`;
}
