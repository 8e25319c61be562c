import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { messageOf } from '../../harness/core/errors.ts';

/** Why no files can be made in a folder, or it cannot be made itself, by what there is of its path; undefined where they can. */
export function whyNoFolder(path: string): string | undefined {
  let place = resolve(path);
  while (!existsSync(place)) place = dirname(place);
  if (!statSync(place).isDirectory()) return `${place} is no folder`;
  try {
    accessSync(place, constants.W_OK);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
