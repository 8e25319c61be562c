import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TOOL_NAMES } from '../../../infra/toolchain/components.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { toolchain } from './toolchain.ts';

const folder = temporaryDirectory('cli');

async function call(argv: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  let out = '';
  let err = '';
  const code = await toolchain.run(argv, {
    env: { PATH: '/usr/bin:/bin', XDG_CACHE_HOME: folder, ...environment },
    out: (text) => (out += text),
    err: (text) => (err += text),
    signal: new AbortController().signal,
  });
  return { code, out, err };
}

test('list as JSON has one row per tool', async () => {
  const { code, out } = await call(['list', '--json'], { FIREDRILL_TOOL_K6: '/opt/k6' });
  assert.equal(code, 0);
  const rows = JSON.parse(out) as { tool: string; state: string; path?: string }[];
  assert.deepEqual(
    rows.map(({ tool }) => tool),
    TOOL_NAMES,
  );
  assert.deepEqual(
    rows.filter(({ state }) => state !== 'absent').map(({ tool, state, path }) => [tool, state, path]),
    [['k6', 'override', '/opt/k6']],
  );
});

test('wrong usage ends with 64 and says what is right', async () => {
  for (const argv of [
    ...[['frobnicate'], ['list', '--wrong'], ['get', 'kubelett'], []],
    ...[
      ['get', '--all'],
      ['list', 'k6'],
      ['verify', 'k6'],
      ['clean', 'k6'],
      ['pin', '--all'],
    ],
  ]) {
    const { code, err } = await call(argv, { FIREDRILL_TOOLCHAIN: 'cache' });
    assert.equal(code, 64, argv.join(' '));
    assert.match(err, /verb|option|No such tool|VERB|says nothing/);
  }
});

test('help goes to standard output and names every verb', async () => {
  const { code, out } = await call(['--help']);
  assert.equal(code, 0);
  for (const verb of ['list', 'get', 'verify', 'clean', 'pin']) assert.ok(out.includes(`\n  ${verb} `), verb);
});

test('get that may not make anything fails with the names of what is missing', async () => {
  const { code, err } = await call(['get', 'k6'], { FIREDRILL_TOOLCHAIN: 'cache' });
  assert.equal(code, 64);
  assert.match(err, /toolchain\.not-cached.*k6 1\.8\.1/);
});

test('verify and clean of an empty cache succeed', async () => {
  assert.equal((await call(['verify'])).code, 0);
  assert.deepEqual(JSON.parse((await call(['clean', '--all', '--json'])).out), { paths: [], bytes: 0 });
});
