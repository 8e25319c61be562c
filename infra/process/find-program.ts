import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** The absolute path of a program on a search path, or undefined. */
export async function findProgram(name: string, searchPath: string | undefined): Promise<string | undefined> {
  for (const folder of (searchPath ?? '').split(delimiter)) {
    if (folder === '') continue;
    const path = join(folder, name);
    const executable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (executable) return path;
  }
  return undefined;
}

/** Where setpriv is where nobody says otherwise. */
const USUAL_PATH = '/usr/bin:/bin';

/** The words of a command that dies with this process where there is setpriv, and else those of the command alone. */
export async function boundWherePossible(
  command: string,
  args: readonly string[],
  searchPath = USUAL_PATH,
): Promise<[string, readonly string[]]> {
  const hasSetpriv = (await findProgram('setpriv', searchPath)) !== undefined;
  return hasSetpriv ? boundToParent(command, args) : [command, args];
}

/** The words of a command whose process the kernel kills as soon as its parent dies, whatever kills that one. */
export function boundToParent(command: string, args: readonly string[]): [string, string[]] {
  return ['setpriv', ['--pdeathsig', 'KILL', '--', command, ...args]];
}
