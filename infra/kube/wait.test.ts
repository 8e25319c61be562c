import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeClient } from './client.ts';
import { KubeError } from './errors.ts';
import type { KubeRequest } from './transport.ts';
import { waitForApiServer } from './wait.ts';

test('a slow API server gets more time for each question, and fewer of them; one that refuses does not', async () => {
  const allowed: (number | undefined)[] = [];
  const waits: number[] = [];
  const failures = [
    'kube.timeout',
    'kube.timeout',
    'kube.unreachable',
    ...Array<'kube.timeout'>(4).fill('kube.timeout'),
  ];
  const request = ({ timeoutMs }: KubeRequest): Promise<unknown> => {
    allowed.push(timeoutMs);
    const code = failures[allowed.length - 1] as 'kube.timeout' | undefined;
    return code === undefined
      ? Promise.resolve()
      : Promise.reject(new KubeError(code, 'no answer', { status: 0, reason: '' }));
  };
  const clock = { sleep: (ms: number) => Promise.resolve(void waits.push(ms)) };
  await waitForApiServer({ request, clock, target: { server: '' } } as unknown as KubeClient, {
    timeoutMs: 60_000,
  });
  assert.deepEqual(allowed, [1_000, 2_000, 4_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
  assert.deepEqual(waits, [25, 50, 100, 200, 400, 800, 1_600]);
});
