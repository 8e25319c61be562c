import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import type { KubeClient } from '../kube/client.ts';
import type { Lease } from '../kube/objects.ts';
import { holdLease } from './hold.ts';

test('a hold gives signs of life until it is released, and then asks for nothing more', async ({ mock }) => {
  mock.timers.enable({ apis: ['setInterval'] });
  let lease: Lease | undefined;
  let requests = 0;
  const write = (written: Lease | undefined) => Promise.resolve(void (requests++, (lease = written)));
  const kube = {
    clock: { now: () => ({ monoMs: 0, wallMs: 0 }), sleep: () => Promise.resolve() },
    find: () => Promise.resolve((requests++, lease)),
    create: write,
    replace: write,
    delete: () => write(undefined),
  } as unknown as KubeClient;
  const timing = { beatEveryMs: 200, beatWithinMs: 2_000, renewWithinMs: 700, timeToLiveMs: 1_000 };
  const hold = await holdLease(kube, 'run-1', timing);
  const taken = requests;
  mock.timers.tick(200);
  await turn();
  assert.equal(requests, taken + 2, 'a beat reads the lease and writes it');
  await hold.release();
  const released = requests;
  mock.timers.tick(1_000);
  await turn();
  assert.equal(requests, released);
});
