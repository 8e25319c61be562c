import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import { isMissing } from '../../harness/core/file-errors.ts';
import { isAlive, ownIdentity } from './identity.ts';

/** Our marker in a folder, which says whose it is. */
const MARKER = '.firedrill-owner';
const OWNER = z.object({
  pid: z.number(),
  startTicks: z.number(),
  bootId: z.string(),
  /** Elsewhere the pid is that of another process. */
  pidNamespace: z.string(),
});
const WRITABLE_BY_OTHERS = 0o022;

const pidNamespace = (): string => readlinkSync('/proc/self/ns/pid');

/**
 * Makes a folder for temporary files, which this process takes away. Where it is killed before that, the next `firedrill reap`
 * or run does, by the marker in it.
 * @throws FiredrillError `process.folder-not-made`
 * @param prefix The beginning of its name: `fd-` or `firedrill-`, and what it is for
 */
export function makeTemporaryFolder(
  prefix: `fd-${string}` | `firedrill-${string}`,
  parent = tmpdir(),
): string {
  let folder: string;
  try {
    folder = mkdtempSync(join(parent, prefix));
  } catch (cause) {
    const message = `no temporary folder can be made in ${parent}: ${messageOf(cause)}`;
    throw new FiredrillError('process.folder-not-made', message, {
      cause,
      hint: 'set TMPDIR to a folder that is there and can be written',
    });
  }
  const owner: z.infer<typeof OWNER> = { ...ownIdentity(), pidNamespace: pidNamespace() };
  writeFileSync(join(folder, MARKER), JSON.stringify(owner), { mode: 0o600 });
  return folder;
}

/** The folders that `makeTemporaryFolder` has made for processes which are dead, and nothing else, whatever its name. */
export function abandonedFolders(parent: string): string[] {
  if (!existsSync(parent)) return [];
  const real = realpathSync(parent);
  return readdirSync(real, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && /^(fd|firedrill)-/.test(entry.name))
    .map(({ name }) => join(real, name))
    .filter(isAbandoned);
}

function isAbandoned(folder: string): boolean {
  try {
    const { uid, mode } = lstatSync(folder);
    // What others own or can write to may be made to look like ours.
    if (uid !== process.getuid?.() || (mode & WRITABLE_BY_OTHERS) !== 0) return false;
    const owner = OWNER.safeParse(JSON.parse(readFileSync(join(folder, MARKER), 'utf8')));
    return owner.success && owner.data.pidNamespace === pidNamespace() && !isAlive(owner.data);
  } catch (error) {
    if (error instanceof SyntaxError || isMissing(error)) return false;
    throw error;
  }
}
