import { globSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { abandonedFolders } from './process/temporary-folder.ts';
import { reap } from './reap.ts';
import { namesIn } from './process/state-root.ts';
import { clustersRoot } from './supervisor/cluster-directory.ts';

/** The folder for temporary files of a process that was killed. */
interface SweptFolder {
  readonly folder: string;
  /** Why it stays; absent where it is gone. */
  readonly left?: string;
}

/** A test has its state directory one or two folders below. */
const STATE_DIRECTORIES = '{,*/,*/*/}clusters';

/** Takes away the folders for temporary files whose owner was killed, with what clusters of theirs have left anywhere. */
export async function sweepTemporaryFolders(env: NodeJS.ProcessEnv): Promise<SweptFolder[]> {
  const swept: SweptFolder[] = [];
  for (const folder of abandonedFolders(env['TMPDIR'] ?? tmpdir())) {
    const left = await whatStays(folder, env);
    if (left === undefined) rmSync(folder, { recursive: true, force: true });
    swept.push({ folder, ...(left === undefined ? {} : { left }) });
  }
  return swept;
}

async function whatStays(folder: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const clusters of globSync(STATE_DIRECTORIES, { cwd: folder })) {
    const own = { ...env, FIREDRILL_STATE_DIR: dirname(join(folder, clusters)) };
    await reap(own);
    const names = namesIn(clustersRoot(own));
    if (names.length > 0) return `in ${own.FIREDRILL_STATE_DIR} there still is ${names.join(', ')}`;
  }
  const [mount] = mountsBelow(folder, readFileSync('/proc/self/mountinfo', 'utf8'));
  return mount === undefined ? undefined : `something is mounted on ${mount}`;
}

/** What is mounted below a folder: its files are not the folder's. */
export function mountsBelow(folder: string, mountinfo: string): readonly string[] {
  return mountinfo
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .map((path) => path.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))))
    .filter((path) => path.startsWith(`${folder}/`));
}
