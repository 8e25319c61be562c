import { readdirSync, readFileSync } from 'node:fs';
import { expect, healerActions, nodeFreeze, slo, test } from '../../../index.ts';

/** Trials that something tries to deceive. The verdict that each is to have stands in trust.long.test.ts. */
test.use({ load: 'off', healer: 'off', gate: { steadyFor: '1s', within: '60s' } });

const available = slo({
  name: 'availability',
  query:
    'sum(rate(probe_requests_total{target="storefront",outcome="ok"}[4s])) / ' +
    'sum(rate(probe_requests_total{target="storefront",outcome!="skipped"}[4s]))',
  bound: { atLeast: 0.99 },
  stableFor: '2s',
  delay: '1s',
});
const aNode = { hosting: 'app=storefront', mode: 'one' } as const;

test('users come back in time on a machine with time to spare', async ({ trial }) => {
  const hang = await trial.inject(nodeFreeze({ node: aNode, duration: '3s' }));
  await expect(available).toRecoverWithin('5s', { after: hang, judgedBy: 'probe' });
});

test.describe('with load', () => {
  test.use({ load: { ratePerSecond: 50 } });

  test('a node hangs, and users come back beside others', async ({ trial }) => {
    const hang = await trial.inject(nodeFreeze({ node: aNode, duration: '3s' }));
    await expect(available).toRecoverWithin('8s', { after: hang });
  });
});

test('the probe is taken away before users are back', async ({ trial, place }) => {
  const hang = await trial.inject(nodeFreeze({ node: aNode, duration: '3s' }));
  const { items } = await place.kube.list({
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'firedrill-probe',
  });
  expect(items.length).toBeGreaterThan(0);
  for (const { metadata } of items)
    await place.kube.deletePod(
      { namespace: 'firedrill-probe', name: metadata?.name ?? '' },
      { gracePeriodSeconds: 0 },
    );
  await expect(available).toRecoverWithin('8s', { after: hang, judgedBy: 'probe' });
});

test('the witness says that a node hangs, and only its kubelet does', async ({ trial }) => {
  const { machines } = trial.cluster;
  const inspect = machines.inspect.bind(machines);
  const stopped = new Map<string, number>();
  Object.assign(machines, {
    freeze: (node: string) => {
      stopped.set(node, kubeletOf(node));
      process.kill(kubeletOf(node), 'SIGSTOP');
      return Promise.resolve();
    },
    thaw: (node: string) => {
      process.kill(stopped.get(node) ?? kubeletOf(node), 'SIGCONT');
      stopped.delete(node);
      return Promise.resolve();
    },
    inspect: async (node: string) => ({ ...(await inspect(node)), frozen: stopped.has(node) }),
  });
  const hang = await trial.inject(nodeFreeze({ node: aNode, duration: '3s' }));
  await expect(available).toRecoverWithin('8s', { after: hang, judgedBy: 'probe' });
});

test.describe('as a control of another claim', () => {
  test.use({ expected: { violated: 'latency' } });

  test('what is violated is not what was to be', { tag: '@control' }, async ({ trial }) => {
    const hang = await trial.inject(nodeFreeze({ node: aNode, duration: '5s' }));
    await expect(available).toRecoverWithin('1s', { after: hang, judgedBy: 'probe' });
  });
});

test.describe('with a healer that does not fence', () => {
  test.use({
    healer: {
      manifests: new URL('./other-healer.yaml', import.meta.url),
      actsAs: 'firedrill:admin',
    },
  });

  test('pods are deleted while their machine may still run', async ({ trial, place }) => {
    const hang = await trial.inject(nodeFreeze({ node: aNode, duration: '20s' }));
    const [node = ''] = hang.targets.map(({ name }) => name);
    const { items } = await place.kube.list({
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: 'storefront',
      fieldSelector: `spec.nodeName=${node}`,
    });
    for (const { metadata } of items)
      await place.kube.deletePod(
        { namespace: 'storefront', name: metadata?.name ?? '' },
        { gracePeriodSeconds: 0 },
      );
    await expect(trial).toFenceFirst({ after: hang });
  });
});

test.describe('where only some nodes may be hit', () => {
  test.use({ healer: 'firedrill' });

  test('a machine that may not be hit is lost by itself', async ({ trial, place }) => {
    const nodes = await trial.cluster.nodes();
    const { items } = await place.kube.list({
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: 'firedrill-system',
    });
    // A replica that goes with its node would leave a gap in what is known of the healer.
    const healers = items.map(({ spec }) => spec?.nodeName);
    const lost = nodes.find(
      ({ name, role }) => role === 'worker' && name !== 'node-1' && !healers.includes(name),
    );
    if (lost === undefined) throw new Error('each node that may not be hit hosts a healer');
    await trial.cluster.machines.powerOff(lost.name);
    try {
      await expect({ alert: 'NodeDown' }).toFireWithin('40s');
      await expect(healerActions).toStaySilent('20s');
    } finally {
      await trial.cluster.machines.powerOn(lost.name);
    }
  });
});

/** The process that is a node's kubelet: on the embedded cluster, one of this machine. */
function kubeletOf(node: string): number {
  const pid = readdirSync('/proc').find((name) => {
    if (!/^\d+$/.test(name)) return false;
    const words = wordsOf(name);
    return /\bkubelet$/.test(words[0] ?? '') && words.some((word) => word.includes(node));
  });
  if (pid === undefined) throw new Error(`no process is the kubelet of ${node}`);
  return Number(pid);
}

function wordsOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    // The process has ended between the two reads.
    return [];
  }
}
