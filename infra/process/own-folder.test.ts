import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import { ownFolder as ownFolderFor } from './own-folder.ts';

const parent = temporaryDirectory('own-folder');
const ownFolder = (path: string): string => ownFolderFor(path, 'XDG_CACHE_HOME');
const NOBODY = 65_534;

test('a folder for code is made for us alone, also below one where all may write but nobody can exchange', () => {
  const folder = ownFolder(join(parent, 'new', 'cache'));
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  mkdirSync(join(parent, 'sticky'));
  chmodSync(join(parent, 'sticky'), 0o1777);
  assert.equal(ownFolder(join(parent, 'sticky', 'cache')), join(parent, 'sticky', 'cache'));
});

test('no code is run from where somebody else can write, or can put another folder in its place', () => {
  const hostile: Record<string, (folder: string) => void> = {
    'written by all': (folder) => chmodSync(folder, 0o777),
    'written by all, sticky': (folder) => chmodSync(folder, 0o1777),
    'written by another group': (folder) => {
      chownSync(folder, 0, NOBODY);
      chmodSync(folder, 0o775);
    },
    'of another user': (folder) => chownSync(folder, NOBODY, 0),
  };
  for (const [name, make] of Object.entries(hostile)) {
    const folder = join(parent, name);
    mkdirSync(folder);
    make(folder);
    assert.throws(() => ownFolder(folder), { code: 'process.folder-of-others' }, name);
    if (name.endsWith('sticky')) continue;
    assert.throws(() => ownFolder(join(folder, 'cache')), { code: 'process.folder-of-others' }, name);
    symlinkSync(folder, join(parent, `link to ${name}`));
    assert.throws(() => ownFolder(join(parent, `link to ${name}`)), { code: 'process.folder-of-others' });
  }
});

test('a folder that cannot be made is told with its path and the next step', () => {
  writeFileSync(join(parent, 'file'), '');
  assert.throws(() => ownFolder(join(parent, 'file', 'cache')), {
    code: 'process.folder-not-made',
    message: /file\/cache could not be made: .*not a directory/,
    hint: /XDG_CACHE_HOME/,
  });
});
