import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { countProcesses } from './count-processes.ts';

test('processes are counted by the group that they are in', () => {
  // Some part of our own group's path stands for a container's id.
  const own = readFileSync('/proc/self/cgroup', 'utf8').split('\n')[0] ?? '';
  const counts = countProcesses([own, 'no-such-container']);
  assert.ok((counts.get(own) ?? 0) >= 1);
  assert.equal(counts.get('no-such-container'), 0);
});
