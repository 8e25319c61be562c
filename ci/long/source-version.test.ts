import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import { sourceVersion } from './source-version.ts';

test('a commit is its own version; changed and new files make another one, ignored files none', () => {
  const root = temporaryDirectory('version');
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      cwd: root,
      encoding: 'utf8',
    });
  const save = (name: string, text: string): void => writeFileSync(join(root, name), text);
  git('init', '--quiet');
  save('.gitignore', 'out\n');
  save('a', '1');
  git('add', '.');
  git('commit', '--quiet', '--message', 'first');
  const clean = sourceVersion(root);
  assert.ok(git('rev-parse', 'HEAD').startsWith(clean));
  save('out', 'a result');
  assert.equal(sourceVersion(root), clean);

  save('a', '2');
  const changed = sourceVersion(root);
  save('b', '1');
  const added = sourceVersion(root);
  save('b', '2');
  const versions = [clean, changed, added, sourceVersion(root)];
  assert.equal(new Set(versions).size, 4, versions.join(' '));
  assert.ok(versions.every((version) => version.startsWith(clean)));
});
