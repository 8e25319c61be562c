import assert from 'node:assert/strict';
import { test } from 'node:test';
import { referenceOn } from './images.ts';
import { clusterNameOf, existingSettings, wordsOf } from './settings.ts';

test('what is told is read, and what is not understood is an error', () => {
  const usual = { KUBECONFIG: '/k', XDG_CACHE_HOME: '/c' };
  const always = { kubeconfig: '/k', imageDirectory: '/c/firedrill/images' };
  assert.deepEqual(existingSettings(usual), { ...always, env: usual, present: { healer: false } });
  const { env, ...told } = existingSettings({
    ...usual,
    FIREDRILL_CONTEXT: 'staging',
    FIREDRILL_IMAGES: 'registry.example:5000/team',
    FIREDRILL_PROMETHEUS: 'observability/prom:8080',
    FIREDRILL_ALERTMANAGER: 'observability/alerts',
    FIREDRILL_HEALER: 'present',
  });
  assert.equal(env['FIREDRILL_CONTEXT'], 'staging');
  assert.deepEqual(told, {
    ...always,
    context: 'staging',
    images: { kind: 'registry', prefix: 'registry.example:5000/team' },
    present: {
      prometheus: { namespace: 'observability', name: 'prom', port: 8080 },
      alertmanager: { namespace: 'observability', name: 'alerts', port: 9093 },
      healer: true,
    },
  });
  for (const [name, text] of [
    ['FIREDRILL_IMAGES', 'https://registry.example'],
    ['FIREDRILL_PROMETHEUS', 'prom'],
    ['FIREDRILL_PROMETHEUS', 'observability/prom'],
    ['FIREDRILL_PROMETHEUS', 'observability/prom:99999'],
    ['FIREDRILL_ALERTMANAGER', 'observability/alerts:0'],
    ['FIREDRILL_IMAGES', 'registry.example:99999/team'],
    ['FIREDRILL_HEALER', 'yes'],
  ] as const)
    assert.throws(() => existingSettings({ [name]: text }), { code: 'existing.bad-setting' });
});

test('where nobody says where it is, the kubeconfig is in the home of the environment, as kubectl has it', () => {
  const told = existingSettings({ HOME: '/h', KUBECONFIG: '', XDG_CACHE_HOME: '/c' });
  assert.equal(told.kubeconfig, '/h/.kube/config');
});

test('a machine interface is configured with its address and a token, or not at all', () => {
  const url = 'https://10.0.0.1:8443';
  const token = { FIREDRILL_MACHINES_TOKEN_FILE: '/t' };
  const read = (env: Record<string, string>) => existingSettings(env).machines;
  assert.equal(read({}), undefined);
  assert.deepEqual(read({ ...token, FIREDRILL_MACHINES_URL: url }), {
    url,
    tokenFile: '/t',
    urlFromPods: url,
  });
  const inside = 'https://machines.svc';
  assert.deepEqual(
    read({
      ...token,
      FIREDRILL_MACHINES_URL: url,
      FIREDRILL_MACHINES_CA_FILE: '/ca',
      FIREDRILL_MACHINES_URL_FROM_PODS: inside,
    }),
    { url, tokenFile: '/t', caFile: '/ca', urlFromPods: inside },
  );
  const none = { ...token, FIREDRILL_MACHINES_URL: url, FIREDRILL_MACHINES_URL_FROM_PODS: 'none' };
  assert.deepEqual(read(none), { url, tokenFile: '/t' });
  for (const wrong of [
    token,
    { FIREDRILL_MACHINES_URL: url },
    { ...token, FIREDRILL_MACHINES_URL: 'http://10.0.0.1' },
    { ...none, FIREDRILL_MACHINES_URL: 'none' },
    { ...none, FIREDRILL_MACHINES_URL: 'https://10.0.0.1:65536' },
    { ...token, FIREDRILL_MACHINES_URL: url, FIREDRILL_MACHINES_URL_FROM_PODS: 'somewhere' },
  ])
    assert.throws(() => read(wrong), { code: 'existing.bad-setting' }, JSON.stringify(wrong));
});

test('any context becomes a name for directories and labels', () => {
  assert.equal(clusterNameOf('staging'), 'staging');
  assert.equal(clusterNameOf('Admin@Shop_1'), 'admin-shop-1');
  const long = clusterNameOf('arn:aws:eks:eu-central-1:123456789012:cluster/checkout');
  assert.match(long, /^[a-z0-9][a-z0-9-]{0,39}$/);
  assert.match(long, /checkout$/);
});

test('an image from a registry has its path there and keeps name and tag', () => {
  const built = 'firedrill.local/probe:abc';
  assert.equal(
    referenceOn({ kind: 'registry', prefix: 'r.example/team' }, built),
    'r.example/team/probe:abc',
  );
  assert.equal(referenceOn({ kind: 'preloaded' }, built), built);
});

test('the context is named again with the file that was named, in the quotes that a shell wants', () => {
  const words = (env: NodeJS.ProcessEnv) => wordsOf(existingSettings(env));
  assert.equal(words({ FIREDRILL_CONTEXT: 'staging', KUBECONFIG: '/k' }), '--context staging');
  assert.equal(
    words({ FIREDRILL_CONTEXT: "it's prod", FIREDRILL_KUBECONFIG: '/my files/k' }),
    String.raw`--context 'it'\''s prod' --kubeconfig '/my files/k'`,
  );
});

test('a kubeconfig that is named by itself is one file, and KUBECONFIG is a list', () => {
  const isOneFile = (env: NodeJS.ProcessEnv) => existingSettings(env).isOneFile;
  assert.equal(isOneFile({ FIREDRILL_KUBECONFIG: '/a:b', KUBECONFIG: '/c' }), true);
  assert.equal(isOneFile({ FIREDRILL_KUBECONFIG: '', KUBECONFIG: '/a:/b' }), undefined);
});
