import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';

/**
 * What git says in a folder about the repository there. Variables that name another one (a hook of git has such) are not
 * handed on.
 *
 * @throws FiredrillError `sources.no-repository` where git is missing or refuses
 */
export function git(root: string, ...args: readonly string[]): string {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
  try {
    return execFileSync('git', args, { cwd: root, env, encoding: 'utf8', maxBuffer: 1 << 28, stdio: 'pipe' });
  } catch (error) {
    throw new FiredrillError('sources.no-repository', `git in ${root}: ${messageOf(error).trim()}`, {
      hint: 'results belong to a commit: run in a clone that belongs to this user, with git on PATH',
    });
  }
}

/** What the sources are at one moment. */
interface Sources {
  /** The commit that is checked out. */
  readonly commit: string;
  /**
   * Digests of the files in which the working tree differs from it, however git would print the difference, by their
   * paths. Ignored files are no sources, and neither are new files at the top: outputs are redirected there.
   */
  readonly changed: ReadonlyMap<string, string>;
}

/** @throws FiredrillError `sources.no-repository` */
export function sourcesOf(root: string): Sources {
  const commit = git(root, 'rev-parse', '--short=12', 'HEAD').trim();
  const files = [
    git(root, 'diff', 'HEAD', '--name-only', '--no-renames', '--relative', '-z'),
    git(root, 'ls-files', '--others', '--exclude-standard', '-z', '--', ':(glob)*/**'),
  ].flatMap((names) => names.split('\0').filter(Boolean));
  const digest = (file: string): string => digestOf(contentOf(join(root, file)));
  return { commit, changed: new Map(files.map((file) => [file, digest(file)])) };
}

/** What a result belongs to: the commit, and where the working tree differs from it a digest of the files that do. */
export function versionOf({ commit, changed }: Sources): string {
  if (changed.size === 0) return commit;
  return `${commit}+${digestOf(JSON.stringify([...changed])).slice(0, 8)}`;
}

/** What is not the same at two moments: files by their paths, or the commit. */
export function differences(before: Sources, after: Sources): readonly string[] {
  if (before.commit !== after.commit) return [`the commit, which is ${after.commit} now`];
  const files = new Set([...before.changed.keys(), ...after.changed.keys()]);
  return [...files].filter((file) => before.changed.get(file) !== after.changed.get(file));
}

function digestOf(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** What git would keep of a file, its mode included; a repository within this one is a folder, whatever is in it. */
function contentOf(path: string): string | Buffer {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 'gone';
  if (stat.isSymbolicLink()) return `link ${readlinkSync(path)}`;
  if (!stat.isFile()) return 'folder';
  return Buffer.concat([Buffer.from(`${stat.mode & 0o100} `), readFileSync(path)]);
}
