import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { temporaryDirectory } from '../../../harness/testing/temporary-directory.ts';
import { tokenInAddress } from '../../http/authorization.ts';
import { startProbeAgent } from '../probe/agent.ts';
import { startReceiver } from '../receiver/agent.ts';
import { guardedListenOptions } from './listen-options.ts';
import { machineClock } from './machine-clock.ts';
import { startService } from './service.ts';

const token = 'a1b2';
const options = { host: '127.0.0.1', port: 0, token, clock: machineClock() };
const agents = { probe: await startProbeAgent(options), receiver: await startReceiver(options) };
after(() => Promise.all(Object.values(agents).map((agent) => agent.close())));

/** An address with a token in it is read as Alertmanager's and the healer's clients do. */
function authorizationOf(address: string): string {
  const { username, password } = new URL(address);
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

for (const [name, agent] of Object.entries(agents)) {
  const ask = async (pattern: string, authorization?: string): Promise<number> => {
    const [method = '', path = ''] = pattern.split(' ');
    const headers = authorization === undefined ? {} : { authorization };
    const url = `http://127.0.0.1:${agent.port}${path.replace(/:\w+/, 'nothing')}`;
    const answer = await fetch(url, { method, headers });
    await answer.body?.cancel();
    return answer.status;
  };

  test(`the ${name} shows health and metrics to everybody, and does nothing for whoever shows no token or another`, async () => {
    for (const path of ['/health', '/ready', '/startup', '/metrics'])
      assert.equal(await ask(`GET ${path}`), 200, path);
    assert.ok(agent.guarded.some((pattern) => !pattern.startsWith('GET ')));
    for (const pattern of agent.guarded) {
      for (const wrong of [undefined, '', 'Bearer ', 'Bearer a1b', 'Bearer a1b2c', 'Basic ', token])
        assert.equal(await ask(pattern, wrong), 401, `${pattern} with ${String(wrong)}`);
      assert.notEqual(await ask(pattern, `Bearer ${token}`), 401, pattern);
      assert.notEqual(await ask(pattern, authorizationOf(tokenInAddress('http://a/', token))), 401, pattern);
    }
  });
}

test('a service without a token does nothing for anybody, whatever they show', async () => {
  const routes = { 'POST /act': () => ({ status: 200, body: {} }) };
  const service = await startService({ ...options, guarded: { routes, token: '' }, metrics: () => '' });
  for (const authorization of ['', 'Bearer ', authorizationOf('http://agent:@a/')])
    assert.equal(
      (await fetch(`http://127.0.0.1:${service.port}/act`, { method: 'POST', headers: { authorization } }))
        .status,
      401,
    );
  await service.close();
});

test('an agent that was given no token does not begin to listen', () => {
  const file = join(temporaryDirectory('token'), 'token');
  const read = (env: NodeJS.ProcessEnv) => guardedListenOptions({ argv: [], env }).token;
  assert.throws(() => read({}), { code: 'agent.no-token' });
  assert.throws(() => read({ TOKEN_FILE: file }), { code: 'agent.no-token' });
  writeFileSync(file, '\n');
  assert.throws(() => read({ TOKEN_FILE: file }), { code: 'agent.no-token' });
  writeFileSync(file, `${token}\n`);
  assert.equal(read({ TOKEN_FILE: file }), token);
});
