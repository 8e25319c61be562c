import assert from 'node:assert/strict';
import { test } from 'node:test';
import { given } from '../../harness/core/given.ts';
import type { KubeClient } from '../../infra/kube/client.ts';
import { refusal } from '../../infra/kube/errors.ts';
import { podCalls } from './pods.ts';

const { signal } = new AbortController();
const pod = { namespace: 'default', name: 'web-1', uid: 'u' };

test('an eviction that a budget refuses is refused, also where its controller asks to wait; of a server that has no time it is an error', async () => {
  const evicted = async (details: Parameters<typeof refusal>[3]) => {
    const error = refusal('POST', '/eviction', 429, details);
    const kube = { evict: () => Promise.reject(error) } as unknown as KubeClient;
    return await podCalls(kube).evictPod(pod, signal);
  };
  const other = { reason: 'FieldValueInvalid', message: 'of another kind' };
  const causes = [other, { reason: 'DisruptionBudget', message: 'the budget needs 2' }];
  assert.equal((await evicted({ message: 'no', details: { causes } })).answer, 'refused');
  assert.equal(
    (await evicted({ message: 'no', details: { causes, retryAfterSeconds: 10 } })).answer,
    'refused',
  );
  for (const none of [undefined, [], [other]])
    await assert.rejects(
      evicted({ message: 'later', details: { ...given({ causes: none }), retryAfterSeconds: 1 } }),
      /later/,
    );
});
