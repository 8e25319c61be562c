import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { diskCache } from '../providers/embedded/golden-disk.ts';
import { cacheRoot } from '../toolchain/settings.ts';
import { stateRoot } from './state-root.ts';
import { homeFolder } from './user-folders.ts';

test('state, tools and disks are where the user says, and a variable that is empty or relative is as good as unset', () => {
  const foldersOf = (env: NodeJS.ProcessEnv) => [stateRoot(env), cacheRoot(env), diskCache(env)];
  const usual = (home: string) => [
    join(home, '.local/state/firedrill'),
    join(home, '.cache/firedrill'),
    join(home, '.cache/firedrill/disks'),
  ];
  assert.deepEqual(foldersOf({ HOME: '/h' }), usual('/h'));
  for (const XDG of ['', 'relative'])
    assert.deepEqual(foldersOf({ HOME: '/h', XDG_CACHE_HOME: XDG, XDG_STATE_HOME: XDG }), usual('/h'));
  for (const HOME of [undefined, '', 'relative'])
    assert.deepEqual(foldersOf({ HOME }), usual(userInfo().homedir));
  assert.deepEqual(foldersOf({ HOME: '/h', XDG_CACHE_HOME: '/c', XDG_STATE_HOME: '/s' }), [
    ...['/s/firedrill', '/c/firedrill', '/c/firedrill/disks'],
  ]);
  assert.equal(stateRoot({ FIREDRILL_STATE_DIR: 'here' }), join(process.cwd(), 'here'));
});

test(
  'a user whom the system does not know needs a variable, and is told which; one that is told needs no home',
  { skip: process.geteuid?.() !== 0 },
  (t) => {
    t.after(() => process.seteuid?.(0));
    process.seteuid?.(54_321);
    assert.equal(homeFolder({}), undefined);
    assert.equal(homeFolder({ HOME: '/h' }), '/h');
    assert.equal(cacheRoot({ XDG_CACHE_HOME: '/c' }), '/c/firedrill');
    assert.throws(() => stateRoot({ HOME: '' }), {
      code: 'process.no-home',
      userError: true,
      hint: 'set HOME, or XDG_STATE_HOME, to a folder of yours',
    });
  },
);
