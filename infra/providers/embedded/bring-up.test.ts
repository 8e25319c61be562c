import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { ClusterSpec } from '../../cluster.ts';
import { bringUp, plannedMachines } from './bring-up.ts';
import type { Fleet } from './fleet.ts';
import type { HubServices } from './hub-services.ts';

test('the machines of a cluster are spread over its zones, and those of the infrastructure are none of the workers', () => {
  assert.deepEqual(
    plannedMachines({ workers: 3, zones: 2, infraNodes: 1 }).map(({ name, zone, role }) => [
      name,
      zone,
      role,
    ]),
    [
      ['node-1', 'zone-1', 'worker'],
      ['node-2', 'zone-2', 'worker'],
      ['node-3', 'zone-1', 'worker'],
      ['infra-1', 'zone-1', 'infra'],
    ],
  );
});

test('a machine that fails while the API server is awaited is no error that nobody hears of', async () => {
  const asked = Promise.withResolvers<undefined>();
  const answer = Promise.withResolvers<undefined>();
  const kube = {
    request: () => {
      asked.resolve(undefined);
      return answer.promise;
    },
    target: { server: '' },
  };
  const hub = { startEtcd: async () => {}, createKeys: async () => {}, startApiServer: () => kube };
  const start = bringUp(
    {
      spec: { workers: 1, zones: 1, infraNodes: 0 } as ClusterSpec,
      buildHub: async () => {},
      sharedDirectory: '/none',
      hub: hub as unknown as HubServices,
      fleet: { add: () => Promise.reject(new Error('no machine')) } as unknown as Fleet,
      log: () => {},
      signal: new AbortController().signal,
    },
    { mark: () => 0, report: () => {} },
  );
  await asked.promise;
  // What nobody has heard of by now ends the process.
  await setImmediate();
  answer.reject(new TypeError('the end'));
  await assert.rejects(start, TypeError);
});
