import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FiredrillError } from '../../harness/core/errors.ts';
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

test('a mode or an architecture that does not exist is refused with the ones that do', () => {
  const code = (wanted: string) => (error: unknown) =>
    error instanceof FiredrillError && error.code === wanted;
  assert.throws(
    () => readSettings([], { FIREDRILL_TOOLCHAIN: 'fast' }, 'x64'),
    code('toolchain.mode-unknown'),
  );
  assert.throws(() => readSettings([], {}, 'mips'), code('toolchain.architecture-unknown'));
});
