import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KubeClient } from '../../infra/kube/client.ts';
import { given } from '../core/given.ts';
import type { ScenarioOptions } from './options.ts';
import { limitsOf, provideHealer } from './provide-healer.ts';
import type { StageContext } from './stage-request.ts';

/** Asks for a healer on a cluster that has its own; the wait for that one ends at once, with this error. */
async function provide(healer: ScenarioOptions['healer']): Promise<unknown> {
  const context = {
    cluster: { present: { healer: true } },
    options: { healer },
    kube: new KubeClient({ server: 'http://127.0.0.1:1' }),
    signal: AbortSignal.abort(new Error('the own healer was waited for')),
  } as unknown as StageContext;
  return await provideHealer(context, {} as never, 'token');
}

test("the cluster's own healer is used where ours is wanted, and no other may come beside it", async () => {
  await assert.rejects(provide('firedrill'), { message: 'the own healer was waited for' });
  for (const healer of ['off', { actsAs: 'other', manifests: 'other.yaml' }] as const)
    await assert.rejects(provide(healer), {
      code: 'stage.healer-is-there',
      userError: true,
    });
});

test("a healer that a drill brings to somebody's cluster treats the nodes that its owner has allowed, and no others", () => {
  const allowed = (nodes?: string) =>
    limitsOf({ granted: true, allowed: { namespaces: [], ...given({ nodes }) } });
  assert.deepEqual(allowed('pool=drill'), { mode: 'act', onlyNodes: 'pool=drill' });
  assert.deepEqual(allowed('*'), { mode: 'act' });
  assert.deepEqual(allowed(), { mode: 'observe' });
  assert.deepEqual(limitsOf({ granted: false, why: 'not adopted' }), { mode: 'observe' });
});
