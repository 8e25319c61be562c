import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';

const folder = temporaryDirectory('doctor');
const COMMAND = join(import.meta.dirname, '..', 'firedrill.ts');

function doctor(...args: readonly string[]) {
  return spawnSync(process.execPath, [COMMAND, 'doctor', ...args], {
    encoding: 'utf8',
    // No Go but the one of its installer, which then has nobody to ask; no tool in the cache.
    env: { PATH: '/usr/bin:/bin', HOME: folder, XDG_CACHE_HOME: folder, GOPROXY: 'off', NO_PROXY: '*' },
  });
}

test('doctor lists every check with what was found, and --json holds the same', () => {
  const { stdout, stderr, status } = doctor('--context', 'staging', '--kubeconfig', '/nowhere/staging');
  for (const name of ['cgroups', 'available memory', 'free disk', 'runc', 'kubernetes', 'Go', 'release host'])
    assert.match(stdout, new RegExp(`^  [✓✗-] ${name} `, 'm'), stdout + stderr);
  assert.match(stdout, /free disk of cache .*building the tools: 9\.3 GiB needed/);
  assert.match(stdout, /✗ existing .*\/nowhere\/staging.*\(--kubeconfig FILE or KUBECONFIG/, stdout + stderr);
  assert.equal(/^next: npm test/m.test(stdout), status === 0, stdout);
  const { stdout: json } = doctor('--json');
  assert.match(json, /lists those of \S+\/\.kube\/config, which is not there/);
  const told = JSON.parse(json) as Record<string, unknown>;
  assert.deepEqual(Object.keys(told), ['requirements', 'room', 'programs', 'toolchain', 'providers']);
});
