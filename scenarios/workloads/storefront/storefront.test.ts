import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { catalogueClient } from './catalogue-client.ts';
import { startCatalogue } from './catalogue.ts';
import {
  fetchPage,
  startConnectionBalancer,
  startProcess,
  type ServiceProcess,
} from './testing/test-bench.ts';
import type { RunningService } from './service.ts';
import { startWeb } from './web.ts';

const quick = { port: 0, host: '127.0.0.1', drainMs: 0, graceMs: 200 };
const unexpected = (error: unknown): void => {
  throw error;
};
/** Ends with the test, however that ends. */
async function during(context: TestContext, starting: Promise<RunningService>): Promise<RunningService> {
  const service = await starting;
  context.after(() => service.drain());
  return service;
}
const file = (name: string): string => new URL(`./${name}`, import.meta.url).pathname;

test('the shop lists what the catalogue has, shows one product, and says 404 to the rest', async (context) => {
  const catalogue = await during(context, startCatalogue({ ...quick, onError: unexpected }));
  const web = await during(
    context,
    startWeb({
      ...quick,
      catalogue: { host: '127.0.0.1', port: catalogue.port },
      onError: unexpected,
    }),
  );
  const home = await fetchPage(web.port, '/');
  assert.equal(home.status, 200);
  assert.match(home.body, /Storefront.*Fire axe<\/a> 89\.00 EUR/s);
  assert.match((await fetchPage(web.port, '/products/hose')).body, /Hose, 20 m/);
  assert.equal((await fetchPage(web.port, '/products/unicorn')).status, 404);
  assert.equal((await fetchPage(web.port, '/elsewhere')).status, 404);

  const { body } = await fetchPage(web.port, '/metrics');
  assert.match(body, /storefront_requests_total\{code="200",route="\/"\} 1/);
  assert.match(body, /storefront_requests_total\{code="200",route="\/products\/:id"\} 1/);
  assert.match(body, /storefront_requests_total\{code="503",route="\/"\} 0/, 'failures count from zero');
  assert.match(body, /storefront_request_duration_seconds_bucket\{le="1",route="\/"\} 1/);
});

test('health, startup and readiness are good before the first request, catalogue or not', async (context) => {
  const web = await during(
    context,
    startWeb({
      ...quick,
      catalogue: { host: '127.0.0.1', port: 1 },
      onError: () => undefined,
    }),
  );
  for (const path of ['/health', '/startup', '/ready']) {
    assert.equal((await fetchPage(web.port, path)).status, 200, path);
  }
  assert.equal((await fetchPage(web.port, '/')).status, 503, 'an unreachable catalogue is a server error');
  assert.match(
    (await fetchPage(web.port, '/metrics')).body,
    /storefront_requests_total\{code="503",route="\/"\} 1/,
  );
});

test('a catalogue pod that falls silent costs a delay and no failed request', async (context) => {
  const pods = await Promise.all([1, 2].map(() => startProcess(file('catalogue-main.ts'), {})));
  const [silent, alive] = pods as [ServiceProcess, ServiceProcess];
  context.after(() => pods.forEach((pod) => pod.kill()));
  const service = await startConnectionBalancer([silent.port, alive.port]);
  context.after(() => service.close());
  const web = await during(
    context,
    startWeb({
      ...quick,
      catalogue: { host: '127.0.0.1', port: service.port },
      onError: unexpected,
    }),
  );

  assert.equal((await fetchPage(web.port, '/')).status, 200);
  assert.deepEqual(
    service.led,
    [silent.port],
    'the kept connection leads to the pod that is about to fall silent',
  );
  silent.process.kill('SIGSTOP');

  const begin = performance.now();
  assert.equal((await fetchPage(web.port, '/')).status, 200);
  const tookMs = performance.now() - begin;
  assert.ok(tookMs > 380 && tookMs < 1_000, `the first attempt ends after 400 ms, took ${tookMs} ms`);
  assert.deepEqual(service.led, [silent.port, alive.port], 'the retry went over another connection');
});

test('the retry trusts no kept connection: others may lead to the same silent pod', async (context) => {
  const pods = await Promise.all([1, 2].map(() => startProcess(file('catalogue-main.ts'), {})));
  const [silent, alive] = pods as [ServiceProcess, ServiceProcess];
  context.after(() => pods.forEach((pod) => pod.kill()));
  const service = await startConnectionBalancer([silent.port, silent.port, silent.port, alive.port]);
  context.after(() => service.close());
  const client = catalogueClient({
    host: '127.0.0.1',
    port: service.port,
    deadlineMs: 1_000,
    firstAttemptMs: 300,
  });
  context.after(() => client.close());
  await Promise.all([1, 2, 3].map(() => client.get('/products')));
  assert.equal(service.led.length, 3, 'three connections are kept');
  silent.process.kill('SIGSTOP');
  assert.deepEqual(
    await client.get('/products').then(({ status, attempts }) => [status, attempts]),
    [200, 2],
  );
  assert.equal(service.led.at(-1), alive.port);
});

test('a catalogue pod that dies is retried at once', async (context) => {
  const pods = await Promise.all([1, 2].map(() => startProcess(file('catalogue-main.ts'), {})));
  const [dying, alive] = pods as [ServiceProcess, ServiceProcess];
  context.after(() => pods.forEach((pod) => pod.kill()));
  const service = await startConnectionBalancer([dying.port, alive.port]);
  context.after(() => service.close());
  const web = await during(
    context,
    startWeb({
      ...quick,
      catalogue: { host: '127.0.0.1', port: service.port },
      onError: unexpected,
    }),
  );
  assert.equal((await fetchPage(web.port, '/')).status, 200);
  dying.kill();
  await dying.ended;
  const begin = performance.now();
  assert.equal((await fetchPage(web.port, '/')).status, 200);
  assert.ok(performance.now() - begin < 350, 'no waiting for the first attempt to time out');
});

test('a user who gives up before the answer counts as let down', async (context) => {
  const catalogue = await startProcess(file('catalogue-main.ts'), {});
  context.after(() => catalogue.kill());
  catalogue.process.kill('SIGSTOP');
  const web = await during(
    context,
    startWeb({
      ...quick,
      catalogue: { host: '127.0.0.1', port: catalogue.port },
      onError: () => undefined,
    }),
  );
  await assert.rejects(fetch(`http://127.0.0.1:${web.port}/`, { signal: AbortSignal.timeout(100) }));
  let page = '';
  for (let look = 0; look < 50 && !page.includes('code="504",route="/"} 1'); look++) {
    page = (await fetchPage(web.port, '/metrics')).body;
  }
  assert.match(page, /storefront_requests_total\{code="504",route="\/"\} 1/);
});

test('SIGTERM: not ready at once, users still served, then gone with exit code 0', async (context) => {
  const catalogue = await during(context, startCatalogue({ ...quick, onError: unexpected }));
  const web = await startProcess(file('web-main.ts'), {
    CATALOGUE_HOST: '127.0.0.1',
    CATALOGUE_PORT: String(catalogue.port),
    DRAIN_MS: '600',
  });
  context.after(() => web.kill());
  const begin = performance.now();
  web.process.kill('SIGTERM');
  let ready = 200;
  while (ready === 200 && performance.now() - begin < 500)
    ready = (await fetchPage(web.port, '/ready')).status;
  assert.equal(ready, 503);
  const late = await fetchPage(web.port, '/');
  assert.equal(late.status, 200, 'whoever still comes is served');
  assert.equal(late.headers.connection, 'close');
  assert.equal((await fetchPage(web.port, '/health')).status, 200, 'draining is no reason to be killed');
  assert.equal(await web.ended, 0);
  const tookMs = performance.now() - begin;
  assert.ok(tookMs >= 600 && tookMs < 2_500, `drained in ${tookMs} ms`);
  await assert.rejects(fetchPage(web.port, '/health'));
});

test('a missing catalogue service is said at the start', async () => {
  await assert.rejects(
    startProcess(file('web-main.ts'), { CATALOGUE_HOST: '$(CATALOGUE_SERVICE_HOST)' }),
    /unexpected first line.*it must name the catalogue's service/s,
  );
});
