import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { KubeClient } from '../../infra/kube/client.ts';
import { ScriptedServer, sendJson } from '../../infra/kube/testing/scripted-server.ts';
import { PLAIN } from '../../reports/terminal/index.ts';
import { StepPrinter } from '../run/step-printer.ts';
import { unlessAborted } from '../core/unless-aborted.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { prepareStage } from './prepare-stage.ts';
import type { StageRequest } from './stage-request.ts';

const MANIFEST = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: greeter, namespace: default }
spec: { template: { spec: { containers: [{ name: greeter, image: 'greeter:dev' }] } } }`;

test(
  'the workload is put on the cluster, with the images that the nodes know, and remembered before',
  { timeout: 20_000 },
  async () => {
    const file = join(temporaryDirectory('stage'), 'workload.yaml');
    writeFileSync(file, MANIFEST);
    const writes: { readonly path: string; readonly body: string }[] = [];
    const applied = Promise.withResolvers<string>();
    // It holds nothing and takes everything; what waits for readiness waits until the end.
    await using server = await ScriptedServer.start((request, response, { pathname, searchParams }) => {
      if (request.method === 'GET' && searchParams.has('watch')) return;
      if (request.method === 'GET') {
        sendJson(response, 404, { kind: 'Status', reason: 'NotFound', code: 404 });
        return;
      }
      void text(request).then((body) => {
        writes.push({ path: pathname, body });
        sendJson(response, 201, { metadata: { name: 'x', uid: 'u', resourceVersion: '1' } });
        if (pathname.endsWith('/deployments/greeter')) applied.resolve(body);
      });
    });
    const abort = new AbortController();
    const request = {
      cluster: {
        present: { prometheus: {}, alertmanager: {}, healer: false },
        nodes: () => Promise.resolve([]),
        loadImages: (group: readonly { readonly name: string }[]) =>
          Promise.resolve(group.map(({ name }) => ({ reference: `${name}@loaded`, digest: 'd' }))),
      },
      kube: new KubeClient({ server: server.url }),
      options: {
        ...{ healer: 'off', monitoring: 'drill', load: 'off' },
        workload: {
          manifests: file,
          images: { 'greeter:dev': { name: 'greeter', entry: file } },
          probe: { url: 'http://greeter' },
          capacity: { selector: 'app=greeter', replicas: 1 },
        },
      },
      steps: new StepPrinter(() => undefined, PLAIN),
      toolchain: { ensure: () => Promise.resolve({}) },
      signal: abort.signal,
    } as unknown as StageRequest;
    const prepared = assert.rejects(prepareStage(request));
    await using _end = {
      [Symbol.asyncDispose]: async () => {
        abort.abort(new Error('seen enough'));
        request.kube.close();
        await prepared;
      },
    };
    assert.match(
      await unlessAborted(applied.promise, AbortSignal.timeout(10_000)),
      /"image":"[\w./]*greeter@loaded"/,
    );
    const memory = writes.find(({ path }) => path.endsWith('/configmaps/firedrill-stage-workload'));
    assert.match(memory?.body ?? '', /greeter/);
    assert.ok(
      writes.findIndex((one) => one === memory) < writes.findIndex(({ path }) => /greeter$/.test(path)),
    );
  },
);
