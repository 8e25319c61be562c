import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plannedMachines } from './bring-up.ts';

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
