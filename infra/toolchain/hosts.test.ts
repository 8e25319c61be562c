import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createHostProbe } from './hosts.ts';

test('a host that accepts and never answers is given up after the limit, once for the whole run', async (t) => {
  let connections = 0;
  const server = createServer(() => connections++);
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const probe = createHostProbe({}, 200);
  const startedAt = performance.now();
  const answers = await Promise.all(
    ['a', 'b'].map((path) => probe.reachable(`http://127.0.0.1:${port}/${path}`)),
  );
  assert.deepEqual(answers, [false, false]);
  assert.ok(performance.now() - startedAt < 1_000);
  assert.equal(await probe.reachable(`http://127.0.0.1:${port}/c`), false);
  assert.equal(connections, 1);
});
