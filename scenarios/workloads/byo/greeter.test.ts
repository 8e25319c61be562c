import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { fetchPage, startProcess } from '../storefront/testing/test-bench.ts';
import { greeter } from './index.ts';

test('it greets and is healthy', async (context) => {
  const [image] = Object.values(greeter.images);
  const server = await startProcess(image!.entry.pathname, { POD_NAME: 'greeter-0' });
  context.after(() => server.kill());
  assert.equal((await fetchPage(server.port, '/')).body, 'good day from greeter-0\n');
  assert.equal((await fetchPage(server.port, '/healthz')).status, 200);
});

test('every image that is built stands in the manifests, which know nothing of this tool', () => {
  const text = readFileSync(greeter.manifests, 'utf8');
  for (const reference of Object.keys(greeter.images))
    assert.ok(text.includes(`image: ${reference}\n`), reference);
  assert.doesNotMatch(text, /firedrill\.(local|dev)/);
  for (const document of parseAllDocuments(text)) assert.deepEqual(document.errors, []);
});
