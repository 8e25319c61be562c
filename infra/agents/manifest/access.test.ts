import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment, Manifest } from '../../kube/objects.ts';
import { monitoringBase, monitoringManifests } from '../../monitoring/manifests.ts';
import { PROFILES } from '../../monitoring/profile.ts';
import { probeManifests } from '../probe/manifest.ts';
import { reaperManifests } from '../reaper/manifest.ts';
import { onInfraNode } from './placement.ts';

const placement = onInfraNode('preferred');
const images = { prometheus: 'p', alertmanager: 'a', exporter: 'e', receiver: 'r', probe: 'b' };
const receiver = { token: 'of-the-receiver', senders: [{ namespace: 'healers' }] };
const ALL: readonly Manifest[] = [
  ...reaperManifests({ image: 'i', placement }),
  ...monitoringBase(),
  ...monitoringManifests({ images, profile: PROFILES.drill, placement, receiver }, '10.0.0.1'),
  ...probeManifests({
    image: 'i',
    placement,
    token: 'of-the-probe',
    usedBy: [{ namespace: 'shop', app: 'prom' }],
  }),
];
const DEPLOYMENTS = ALL.filter(({ kind }) => kind === 'Deployment') as Deployment[];

/** The peers of the policy that selects the pods of a Deployment, as `NAMESPACE/APP`; undefined: none does. */
function peersOf({ metadata, spec }: Deployment): readonly string[] | undefined {
  const policy = ALL.find(
    (one) =>
      one.kind === 'NetworkPolicy' &&
      one.metadata.namespace === metadata?.namespace &&
      JSON.stringify((one['spec'] as { podSelector: unknown }).podSelector) ===
        JSON.stringify(spec?.selector),
  );
  if (policy === undefined) return undefined;
  const { policyTypes, ingress = [] } = policy['spec'] as {
    policyTypes: string[];
    ingress?: {
      from: {
        namespaceSelector: { matchLabels: Record<string, string> };
        podSelector?: { matchLabels: { app: string } };
      }[];
    }[];
  };
  assert.deepEqual(policyTypes, ['Ingress']);
  return ingress
    .flatMap(({ from }) => from)
    .map(({ namespaceSelector, podSelector }) =>
      [...Object.values(namespaceSelector.matchLabels), podSelector?.matchLabels.app ?? '*'].join('/'),
    );
}

test('beside every Deployment of ours stands who may connect to it, and nobody else may', () => {
  assert.deepEqual(Object.fromEntries(DEPLOYMENTS.map((one) => [one.metadata?.name, peersOf(one)])), {
    reaper: [],
    prometheus: [],
    alertmanager: ['monitoring/prometheus'],
    exporter: ['monitoring/prometheus'],
    'alert-receiver': ['monitoring/prometheus', 'monitoring/alertmanager', 'healers/*'],
    probe: ['shop/prom'],
  });
});

test('a token stands in Secrets and nowhere else', () => {
  const text = JSON.stringify(ALL.filter(({ kind }) => kind !== 'Secret'));
  for (const token of ['of-the-receiver', 'of-the-probe'])
    for (const form of [token, Buffer.from(token).toString('base64')]) assert.ok(!text.includes(form), form);
  for (const name of ['probe', 'alert-receiver']) {
    const deployment = DEPLOYMENTS.find(({ metadata }) => metadata?.name === name);
    assert.match(JSON.stringify(deployment), new RegExp(`"secretName":"${name}-token"`));
  }
});
