import { expect, nodePowerOff, slo, test } from '../../harness/index.ts';
import { availability } from '../objectives/storefront-availability.ts';
import { aNode, node } from './acts-of-people.ts';

test.use({ workload: 'storefront', healer: 'firedrill' });

const available = slo(availability);
const WORKERS = { kind: 'node', labels: 'firedrill.dev/role=worker', mode: 'all' } as const;

test('pods that fit nowhere do not keep the replacement waiting, which has room for them', async ({
  trial,
}) => {
  const lost = await aNode(trial);
  const others = (await trial.choose(WORKERS)).filter(({ name }) => !lost.names.includes(name));
  for (const { name } of others) await trial.change(node(name), { spec: { unschedulable: true } });
  const loss = await trial.inject(nodePowerOff({ node: lost }));
  await expect(available).toRecoverWithin('10s', { after: loss });
  await expect(trial).toFenceFirst({ after: loss });
  await expect(trial).toRegainCapacityWithin('60s', { after: loss });
});
