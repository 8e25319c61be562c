import { readFileSync } from 'node:fs';
import { isMissing } from './file-errors.ts';

/** What a read says of a process or a control group that went after its file was opened, and of what a kernel does not support. */
const NOTHING_TO_TELL = ['ESRCH', 'ENODEV', 'EOPNOTSUPP'];

/**
 * The text of a file in which a kernel tells of a process or a control group; undefined where there is none, since it may have ended at any
 * moment, or where the kernel was built without it or refuses to read it.
 */
export function kernelText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (isMissing(error) || NOTHING_TO_TELL.includes(code)) return undefined;
    throw error;
  }
}
