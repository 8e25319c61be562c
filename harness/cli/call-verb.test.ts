import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callVerb } from './call-verb.ts';

async function call(argv: readonly string[], env: NodeJS.ProcessEnv = {}) {
  let out = '';
  const exitCode = await callVerb(argv, {
    env,
    out: (text) => (out += text),
    err: () => {},
    signal: new AbortController().signal,
  });
  return { exitCode, out };
}

test('without a verb all of them are listed, which is bad input unless they were asked for', async () => {
  const { exitCode, out } = await call([]);
  assert.equal(exitCode, 64);
  assert.match(out, /^  doctor /m);
  for (const word of ['help', '--help', '-h']) assert.deepEqual(await call([word]), { exitCode: 0, out });
});

test('a verb that there is not is refused, also where JavaScript knows its name, with the nearest ones', async () => {
  const refused = (name: string, hint: RegExp) =>
    assert.rejects(call([name]), { code: 'cli.unknown-verb', userError: true, hint });
  await refused('doctr', /did you mean doctor/);
  await refused('--doctor', /--help/);
  for (const name of ['constructor', '__proto__', 'toString']) await refused(name, /./);
});

test('help of a verb is told in each way, and an option that npm has kept from it is refused', async () => {
  const { exitCode, out } = await call(['adopt', '--help']);
  assert.equal(exitCode, 0);
  for (const words of [
    ['adopt', '-h'],
    ['help', 'adopt'],
  ])
    assert.equal((await call(words)).out, out);
  const kept = { npm_lifecycle_event: 'firedrill', npm_config_allure: '' };
  await assert.rejects(call(['report'], kept), {
    code: 'arguments.malformed',
    message: /^--no-allure: npm has taken it/,
  });
});
