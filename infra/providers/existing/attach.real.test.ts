import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { CAPABILITIES } from '../../../harness/core/capability.ts';
import { describeError } from '../../../harness/core/errors.ts';
import { COMMANDS } from '../../../harness/core/installation.ts';
import { testCertificate } from '../../../healers/testing/certificate.ts';
import { parseManifests } from '../../kube/manifests.ts';
import { applyAll } from '../../kube/apply.ts';
import type { KubeClient } from '../../kube/client.ts';
import { sharedApiServer, type SharedApiServer } from '../../kube/testing/shared-api-server.ts';
import { chooseProvider, providersOf } from '../../provider.ts';
import { PERMISSION_CONFIG_MAP } from '../../../harness/core/owner/permission.ts';
import { existingProvider } from './provider.ts';
import { permissionOf, removeAdoption, writeAdoption } from '../../borrowed/permission.ts';
import { reach, type ReachedCluster } from './reach.ts';
import { clusterNameOf, existingSettings } from './settings.ts';
import { contextOf } from './testing/context.ts';

let server: SharedApiServer;
let kube: KubeClient;
let cluster: ReachedCluster;

before(async () => {
  server = await sharedApiServer();
  kube = server.client();
  using context = contextOf(server.target);
  cluster = await reach(existingSettings(context.env));
});
after(async () => {
  cluster.kube.close();
  await server.stop();
});

test('without a context, with one that is not there, and without an API server the next step is told', async () => {
  await assert.rejects(existingProvider({}).attach('staging'), {
    code: 'existing.no-context',
    hint: /--context NAME/,
  });
  await assert.rejects(reach(existingSettings({ FIREDRILL_KUBECONFIG: "/o'brien" })), {
    code: 'existing.no-context',
    hint: /kubectl --kubeconfig '\/o'\\''brien' config get-contexts lists/,
  });
  using context = contextOf(server.target);
  const production = existingProvider({ ...context.env, FIREDRILL_CONTEXT: 'production' });
  await assert.rejects(production.attach('production'), {
    code: 'kube.bad-kubeconfig',
    message: /no context "production", only: staging/,
  });
  using nowhere = contextOf({ ...server.target, server: 'https://127.0.0.1:1' });
  await assert.rejects(existingProvider(nowhere.env).attach('staging'), {
    code: 'existing.unreachable',
    message: /context staging: the API server https:\/\/127\.0\.0\.1:1 does not answer/,
  });
});

test('credentials that have expired are told from rights that are missing', async () => {
  using expired = contextOf({ ...server.target, token: () => 'expired' });
  await assert.rejects(existingProvider(expired.env).attach('staging'), {
    code: 'existing.credentials-refused',
  });
  using guest = contextOf(server.guest);
  await assert.rejects(existingProvider(guest.env).attach('staging'), { code: 'existing.not-allowed' });
});

test('whom the server takes for nobody is never advised to give rights to nobody', async () => {
  using context = contextOf(server.target);
  const kubeconfig = JSON.parse(readFileSync(context.path, 'utf8')) as object;
  const user = { username: 'dev', password: 'secret' };
  writeFileSync(context.path, JSON.stringify({ ...kubeconfig, users: [{ name: 'staging', user }] }));
  await assert.rejects(existingProvider(context.env).attach('staging'), (error) => {
    assert.match(describeError(error), /existing\.credentials-refused.*we are nobody[^]*next: log in/);
    assert.doesNotMatch(describeError(error), /grant/);
    return true;
  });
});

test('a server whose certificate does not fit is told from one that does not answer', async () => {
  const { cert } = await testCertificate();
  using context = contextOf({ ...server.target, caPem: cert });
  await assert.rejects(existingProvider(context.env).attach('staging'), {
    code: 'existing.untrusted',
    message: /answers, and its certificate and the kubeconfig do not fit: .*certificate/,
    hint: /certificate authority of the kubeconfig has to be/,
  });
});

test('the next step can be typed as it stands, for the file that was named and a context of any name', async () => {
  const name = "it's prod (blue)";
  using context = contextOf(server.target, name);
  const words = `--context 'it'\\''s prod (blue)' --kubeconfig ${context.path}`;
  await assert.rejects(existingProvider(context.env).attach(clusterNameOf(name)), {
    code: 'existing.not-adopted',
    hint: `its owner allows it with: ${COMMANDS.firedrill} adopt ${words}`,
  });
});

test('rights that are missing are listed as roles, and these are enough once they are applied', async () => {
  await kube.create({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'see-namespaces' },
    rules: [{ apiGroups: [''], resources: ['namespaces'], verbs: ['get'] }],
  });
  await kube.create({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'see-namespaces' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'see-namespaces' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'guest' }],
  });
  using context = contextOf(server.guest);
  const provider = existingProvider(context.env);
  let yaml = '';
  await assert.rejects(
    provider.attach('staging'),
    (error: { code: string; message: string; hint: string }) => {
      assert.equal(error.code, 'existing.rights-missing');
      assert.match(error.message, /guest lacks rights/);
      assert.match(error.message, /create, get pods\/portforward: to reach Prometheus and the probe/);
      assert.match(error.message, /get, create, update, delete leases\.coordination\.k8s\.io in kube-system/);
      yaml = error.hint.slice(error.hint.indexOf('\n') + 1);
      return true;
    },
  );
  const manifests = parseManifests(yaml);
  assert.deepEqual(manifests.map(({ kind }) => kind).sort(), [
    'ClusterRole',
    'ClusterRoleBinding',
    'Role',
    'RoleBinding',
  ]);
  await applyAll(kube, manifests, { fieldManager: 'test' });
  // Nobody has adopted it: that is the next thing that is asked for.
  await assert.rejects(provider.attach('staging'), { code: 'existing.not-adopted' });
});

test('a cluster without the permission of its owner is refused, one of our own making too', async () => {
  using context = contextOf(server.target);
  const provider = existingProvider(context.env);
  await assert.rejects(provider.attach('staging'), {
    code: 'existing.not-adopted',
    message: /there is no ConfigMap kube-system\/firedrill-target/,
    hint: /adopt --context staging/,
  });
  const { apiVersion, kind, ...metadata } = PERMISSION_CONFIG_MAP;
  await kube.create({ apiVersion, kind, metadata, data: { provisioned: 'true' } });
  await assert.rejects(provider.attach('staging'), {
    code: 'existing.not-adopted',
    message: /nobody has said what of it may be hit/,
  });
  await writeAdoption(cluster, { namespaces: ['shop'], nodes: '*' });
  const attached = await provider.attach('staging');
  assert.equal(attached.uid, cluster.uid);
  // What somebody else has written there stays when the owner takes the word back.
  assert.equal(await removeAdoption(cluster), true);
  assert.deepEqual((await kube.get(PERMISSION_CONFIG_MAP)).data, { provisioned: 'true' });
  await kube.delete(PERMISSION_CONFIG_MAP);
  await writeAdoption(cluster, { namespaces: ['shop'] });
  await writeAdoption(cluster, { namespaces: [], nodes: 'pool=drill' });
  assert.deepEqual(await permissionOf(kube, cluster.uid), {
    granted: true,
    allowed: { namespaces: [], nodes: 'pool=drill' },
  });
  assert.equal(await removeAdoption(cluster), true);
  assert.equal(await removeAdoption(cluster), false);
  assert.equal(await kube.find(PERMISSION_CONFIG_MAP), undefined);
});

test('it says of itself what it cannot do, and refuses each of it', async () => {
  using context = contextOf(server.target);
  const provider = existingProvider(context.env);
  await writeAdoption(cluster, { namespaces: ['*'] });
  const attached = await provider.attach('staging');
  for (const capability of CAPABILITIES) {
    const answer = attached.can(capability);
    assert.match(answer.yes ? '' : answer.reason, /\w+ \w+/, capability);
  }
  for (const verb of ['powerOff', 'powerOn', 'freeze', 'thaw', 'cableOut', 'cableIn', 'replace'] as const)
    await assert.rejects(attached.machines[verb]('node-1'), { code: 'existing.not-possible' });
  await assert.rejects(attached.connect('10.0.0.9', 80), { code: 'existing.no-route' });
  await assert.rejects(attached.destroy(), { code: 'cluster.not-ours' });
  await assert.rejects(provider.end('staging', { force: true }), { code: 'cluster.not-ours' });
  await assert.rejects(provider.attach('another'), { code: 'cluster.unknown' });
});

test('it is never chosen for anybody, and is taken when it is asked for', async () => {
  using context = contextOf(server.target);
  assert.equal((await chooseProvider('existing', providersOf(context.env))).name, 'existing');
  await assert.rejects(chooseProvider(undefined, [existingProvider(context.env)]), {
    code: 'provider.none',
    hint: /--provider existing takes a cluster that runs already/,
  });
});
