import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FiredrillError } from '../../harness/core/errors.ts';
import { openToolchain, settingsOf } from './index.ts';
import { overrideVariable, readSettings } from './settings.ts';

test('the cache is under XDG_CACHE_HOME, or under ~/.cache where that is unset or not absolute', () => {
  const folder = (environment: NodeJS.ProcessEnv) => readSettings([], environment, 'x64').cacheFolder;
  assert.equal(folder({ HOME: '/home/a', XDG_CACHE_HOME: '/big' }), '/big/firedrill/tools');
  assert.equal(folder({ HOME: '/home/a' }), '/home/a/.cache/firedrill/tools');
  assert.equal(folder({ HOME: '/home/a', XDG_CACHE_HOME: 'relative' }), '/home/a/.cache/firedrill/tools');
});

test('an override is read from the variable with the name of the tool', () => {
  assert.equal(overrideVariable('containerd-shim-runc-v2'), 'FIREDRILL_TOOL_CONTAINERD_SHIM_RUNC_V2');
  const { overrides } = readSettings(
    ['k6', 'etcd'],
    { FIREDRILL_TOOL_K6: '/opt/k6', FIREDRILL_TOOL_ETCD: '' },
    'x64',
  );
  assert.deepEqual([...overrides], [['k6', '/opt/k6']]);
});

test('a mode that is empty is the usual one, and each architecture has its own programs', () => {
  assert.equal(readSettings([], { FIREDRILL_TOOLCHAIN: '' }, 'x64').mode, 'auto');
  const architectures = ['x64', 'arm64'].map((name) => readSettings([], {}, name).architecture);
  assert.deepEqual(architectures, ['amd64', 'arm64']);
});

test('a mode or an architecture that does not exist is refused with the ones that do', () => {
  const code = (wanted: string) => (error: unknown) =>
    error instanceof FiredrillError && error.code === wanted;
  assert.throws(
    () => readSettings([], { FIREDRILL_TOOLCHAIN: 'fast' }, 'x64'),
    code('toolchain.mode-unknown'),
  );
  assert.throws(() => readSettings([], {}, 'mips'), code('toolchain.architecture-unknown'));
});

test('mirrors are read by host; what is none is refused with an example, and PINNED is on for all but 0', () => {
  const read = (environment: NodeJS.ProcessEnv) => readSettings([], environment, 'x64');
  const { mirrors } = read({
    FIREDRILL_TOOLCHAIN_MIRRORS: 'github.com=https://a.test/b/, dl.k8s.io=http://c.test:81',
  });
  assert.deepEqual(
    [...mirrors],
    [
      ['github.com', 'https://a.test/b'],
      ['dl.k8s.io', 'http://c.test:81'],
    ],
  );
  assert.deepEqual([...read({ FIREDRILL_TOOLCHAIN_MIRRORS: '' }).mirrors], []);
  for (const wrong of [
    'https://a.test',
    'github.com',
    'github.com=a.test',
    'github.com=https://',
    'x=ftp://a.test',
    'x=https://me:50%off@a.test',
  ])
    assert.throws(
      () => read({ FIREDRILL_TOOLCHAIN_MIRRORS: wrong }),
      (error) =>
        error instanceof FiredrillError &&
        error.code === 'toolchain.bad-mirror' &&
        error.hint !== undefined &&
        !error.message.includes('50%off'),
      wrong,
    );
  const pinned = (value: string) => read({ FIREDRILL_TOOLCHAIN_PINNED: value }).pinnedOnly;
  assert.deepEqual(['', '0', '1', 'true'].map(pinned), [false, false, true, true]);
});

test('a mirror of a host that no release comes from is refused with those that there are, and a host is the same in capitals', () => {
  const mirrors = (FIREDRILL_TOOLCHAIN_MIRRORS: string) => ({ FIREDRILL_TOOLCHAIN_MIRRORS });
  for (const read of [openToolchain, settingsOf])
    assert.throws(() => read(mirrors('gihtub.com=https://a.test,dl.k8s.io=https://a.test')), {
      code: 'toolchain.bad-mirror',
      message: /no release comes from gihtub\.com$/,
      hint: /dl\.k8s\.io and github\.com/,
      userError: true,
    });
  assert.deepEqual([...settingsOf(mirrors('GitHub.COM=https://a.test')).mirrors.keys()], ['github.com']);
});
