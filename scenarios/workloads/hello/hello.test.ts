import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fetchPage, startProcess } from '../storefront/testing/test-bench.ts';
import { hello } from './index.ts';

test('it says hello to any request, on any number of connections, and ends when told', async (context) => {
  const server = await startProcess(hello.images.hello.entry.pathname, {});
  context.after(() => server.kill());
  const answers = await Promise.all(['/', '/ready', '/x?y'].map((path) => fetchPage(server.port, path)));
  for (const answer of answers) assert.deepEqual([answer.status, answer.body], [200, 'hello\n']);
  server.process.kill('SIGTERM');
  assert.equal(await server.ended, 0);
});
