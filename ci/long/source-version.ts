import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What a result belongs to: the commit that is checked out, and where the working tree differs from it a digest of that
 * difference. Ignored files are no sources.
 *
 * @throws Error where `root` is no git repository
 */
export function sourceVersion(root: string): string {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
  const commit = git('rev-parse', '--short=12', 'HEAD').trim();
  const changes = git('diff', 'HEAD', '--binary');
  const added = git('ls-files', '--others', '--exclude-standard', '-z').split('\0').filter(Boolean);
  if (changes === '' && added.length === 0) return commit;
  const digest = createHash('sha256').update(changes);
  for (const file of added) digest.update(`\0${file}\0`).update(readFileSync(join(root, file)));
  return `${commit}+${digest.digest('hex').slice(0, 8)}`;
}
