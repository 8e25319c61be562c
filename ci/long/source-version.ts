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
      userError: true,
    });
  }
}

/**
 * What a result belongs to: the commit that is checked out, and where the working tree differs from it a digest of the
 * files that do, however git would print the difference. Ignored files are no sources, and neither are new files at the
 * top: outputs are redirected there.
 *
 * @throws FiredrillError `sources.no-repository`
 */
export function sourceVersion(root: string): string {
  const commit = git(root, 'rev-parse', '--short=12', 'HEAD').trim();
  const files = [
    git(root, 'diff', 'HEAD', '--name-only', '--no-renames', '--relative', '-z'),
    git(root, 'ls-files', '--others', '--exclude-standard', '-z', '--', ':(glob)*/**'),
  ].flatMap((names) => names.split('\0').filter(Boolean));
  if (files.length === 0) return commit;
  const digest = createHash('sha256');
  for (const file of files) digest.update(`\0${file}\0`).update(contentOf(join(root, file)));
  return `${commit}+${digest.digest('hex').slice(0, 8)}`;
}

/** What git would keep of a file, its mode included; a repository within this one is a folder, whatever is in it. */
function contentOf(path: string): string | Buffer {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 'gone';
  if (stat.isSymbolicLink()) return `link ${readlinkSync(path)}`;
  if (!stat.isFile()) return 'folder';
  return Buffer.concat([Buffer.from(`${stat.mode & 0o100} `), readFileSync(path)]);
}
