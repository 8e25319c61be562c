import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import { differences, git, sourcesOf, versionOf } from './source-version.ts';

function repository(text = '1') {
  const root = temporaryDirectory('version');
  const save = (name: string, text: string): void => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  };
  git(root, 'init', '--quiet');
  save('.gitignore', 'out\n');
  save('a', text);
  commit(root);
  return { root, save, version: () => versionOf(sourcesOf(root)) };
}

function commit(root: string): void {
  git(root, 'add', '.');
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false'];
  git(root, ...who, 'commit', '--quiet', '--message', 'all');
}

test('a commit is its own version; changed and new files make another one, ignored files none', () => {
  const { root, save, version } = repository();
  const clean = version();
  assert.ok(git(root, 'rev-parse', 'HEAD').startsWith(clean));
  save('src/out', 'a result');
  save('log', 'what a run has said');
  assert.equal(version(), clean);

  save('a', '2');
  const changed = version();
  save('src/b', '1');
  const added = version();
  save('src/b', '2');
  const versions = [clean, changed, added, version()];
  renameSync(join(root, 'a'), join(root, 'src/a'));
  versions.push(version());
  assert.equal(new Set(versions).size, 5, versions.join(' '));
  assert.ok(versions.every((each) => each.startsWith(clean)));
});

test('links and repositories within are sources, wherever they lead', () => {
  const { root, save, version } = repository();
  save('src/b', '1');
  const versions = [version()];
  for (const [name, target] of [
    ['folder', '..'],
    ['dangling', 'nowhere'],
  ] as const) {
    symlinkSync(target, join(root, 'src', name));
    versions.push(version());
  }
  git(join(root, 'src'), 'init', '--quiet', 'within');
  versions.push(version());
  assert.equal(new Set(versions).size, 4, versions.join(' '));
});

test('neither variables of another repository nor how a user has differences printed count', () => {
  const ours = repository();
  ours.save('a', '2');
  const before = ours.version();
  const theirs = repository('theirs');
  git(ours.root, 'config', 'diff.noprefix', 'true');
  git(ours.root, 'config', 'diff.external', '/bin/false');
  process.env['GIT_DIR'] = join(theirs.root, '.git');
  try {
    assert.equal(ours.version(), before);
  } finally {
    delete process.env['GIT_DIR'];
  }
});

test('where git has nothing to say, what to do is said', () => {
  assert.throws(() => sourcesOf(temporaryDirectory('no-repository')), { code: 'sources.no-repository' });
});

test('what has changed is named: files that were written, added or restored, or the commit', () => {
  const { root, save } = repository();
  save('src/b', '1');
  save('src/c', '1');
  const before = sourcesOf(root);
  assert.deepEqual(differences(before, sourcesOf(root)), []);
  save('a', '2');
  save('src/b', '2');
  rmSync(join(root, 'src/c'));
  save('src/d', '1');
  assert.deepEqual(differences(before, sourcesOf(root)), ['src/b', 'src/c', 'a', 'src/d']);
  commit(root);
  const now = git(root, 'rev-parse', '--short=12', 'HEAD').trim();
  assert.deepEqual(differences(before, sourcesOf(root)), [`the commit, which is ${now} now`]);
});
