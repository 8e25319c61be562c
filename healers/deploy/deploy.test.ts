import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimClock } from '../testing/simulation/sim-clock.ts';
import { recordingKube } from '../testing/recording-kube.ts';
import { nodeWatches } from '../cluster/watches.ts';
import { clusterApi } from '../cluster/cluster-api.ts';
import { createEvent } from '../cluster/events.ts';
import { pauseWatch } from '../cluster/pause-watch.ts';
import { listHealerPods } from '../cluster/pods.ts';
import { Leadership } from '../runtime/leadership.ts';
import { PERMISSIONS } from '../cluster/permissions.ts';
import { readHealerConfig } from '../config.ts';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  deviationsOf,
  DRILL_MACHINES_SECRET,
  DRILL_OVERLAY,
  drillMachinesSecret,
  drillSlackSecret,
  HEALER_NAMESPACE,
  healerManifests,
} from './manifests.ts';
import { rbacManifests, rulesOf } from './rbac.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

const pod = { namespace: 'shop', name: 'web', uid: 'uid' };

test('the table of permissions is exactly what the code calls, no more and no less', async () => {
  const clock = new SimClock();
  const { kube, calls } = recordingKube(HEALER_NAMESPACE, clock);
  const stop = new AbortController();
  const { signal } = stop;
  const api = clusterApi(kube, HEALER_NAMESPACE);
  await api.readNode('node-1', signal);
  await api.readNodeLease('node-1', signal);
  await api.patchNode('node-1', [], signal);
  await api.deleteNode('node-1', 'uid', signal);
  await api.listPodsOnNode('node-1', signal);
  await listHealerPods(kube, HEALER_NAMESPACE, signal);
  await api.listPodsIn('shop', 'app=web', signal);
  await api.deletePod(pod, 0, signal);
  await api.evictPod(pod, signal);
  const made = await api.writeLedger(await api.readLedger(signal), {}, signal);
  await api.writeLedger(made, {}, signal);
  await api.allow({ node: 'node-1', uid: 'uid', namespaces: [] }, signal);
  await api.disallow('uid', signal);
  await api.readAllowed(signal);
  const regarding = { apiVersion: 'v1', kind: 'Node', name: 'node-1', uid: 'uid' };
  const event = { type: 'Normal', reason: 'R', action: 'A', note: 'm', regarding } as const;
  await createEvent(kube, 'healer-a', event, signal);
  const silent = () => undefined;
  const watches = nodeWatches(kube, {
    node: silent,
    nodeDeleted: silent,
    lease: silent,
    endpointsLost: silent,
  });
  const leadership = new Leadership({
    kube,
    namespace: HEALER_NAMESPACE,
    pod: 'healer-a',
    podUid: 'uid',
    audit: { record: silent },
  });
  const pause = pauseWatch(kube, HEALER_NAMESPACE, silent);
  const running = [watches.run(signal), leadership.run(signal), pause.run(signal)];
  await clock.runUntil(3000);
  stop.abort();
  await clock.runUntil(6000);
  await Promise.all(running);

  const told = (each: { scope: string; group: string; resource: string; verb: string }): string =>
    `${each.scope} ${each.verb} ${each.group}/${each.resource}`;
  assert.deepEqual([...new Set(calls.map(told))].sort(), [...new Set(PERMISSIONS.map(told))].sort());
  for (const call of calls) {
    const allowed = PERMISSIONS.filter((each) => told(each) === told(call));
    const named = allowed.every(
      ({ names }) => names === undefined || (call.name !== undefined && names.includes(call.name)),
    );
    assert.ok(named, `${told(call)} of ${call.name ?? 'none'} is outside the names that the table allows`);
  }
});

test('rules hold one resource each and no wildcard', () => {
  const text = JSON.stringify(rbacManifests(PERMISSIONS, { name: 'healer', namespace: 'ns' }));
  assert.ok(!text.includes('"*"'));
  assert.deepEqual(rulesOf(PERMISSIONS.filter(({ resource }) => resource === 'pods/eviction')), [
    { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
  ]);
});

test('secrets, exec and escalation are out of reach', () => {
  const forbidden = ['secrets', 'pods/exec', 'nodes/proxy', 'roles', 'clusterroles', 'serviceaccounts/token'];
  assert.deepEqual(
    PERMISSIONS.filter(({ resource }) => forbidden.includes(resource)),
    [],
  );
});

test('the configuration in the ConfigMap is one that the healer reads', () => {
  const map = healerManifests({ image: 'healer:1', token: '', overlay: DRILL_OVERLAY }).find(
    ({ kind }) => kind === 'ConfigMap',
  );
  const path = join(temporaryDirectory('config'), 'healer.json');
  writeFileSync(path, (map?.['data'] as Record<string, string>)['healer.json'] ?? '');
  const config = readHealerConfig({ FIREDRILL_HEALER_CONFIG: path });
  assert.equal(config.node.budgetPerPool, 1000);
  assert.equal(config.node.mode, 'act');
});

test('whoever installs it sees what it would do before it does anything', () => {
  const map = healerManifests({ image: 'healer:1', token: '' }).find(({ kind }) => kind === 'ConfigMap');
  const config = JSON.parse((map?.['data'] as Record<string, string>)['healer.json'] ?? '') as {
    node: { mode: string };
  };
  assert.equal(config.node.mode, 'observe');
});

test('every difference between drill and production is listed', () => {
  assert.deepEqual(deviationsOf({}), []);
  assert.deepEqual(deviationsOf(DRILL_OVERLAY), [
    'healer node.mode: "act" instead of "observe"',
    'healer node.budgetPerPool: 1000 instead of 5',
    'healer node.budgetPerNode: 100 instead of 3',
    'healer slack: the address in Secret firedrill-drill-slack instead of firedrill-slack',
  ]);
});

test('two replicas, never on one node, without rights in the container', () => {
  const deployment = healerManifests({ image: 'healer:1', token: '' }).find(
    ({ kind }) => kind === 'Deployment',
  );
  const text = JSON.stringify(deployment);
  assert.match(text, /"replicas":2/);
  assert.match(
    text,
    /"requiredDuringSchedulingIgnoredDuringExecution":\[\{"labelSelector".*kubernetes.io\/hostname/,
  );
  assert.match(text, /"readOnlyRootFilesystem":true/);
  assert.match(text, /"image":"healer:1"/);
});

test('a name that half of DNS does not answer any more is asked again before a message to people is given up', () => {
  const deployment = JSON.stringify(healerManifests({ image: 'healer:1', token: '' }));
  assert.match(
    deployment,
    /"dnsConfig":\{"options":\[\{"name":"timeout","value":"1"\},\{"name":"attempts","value":"2"\}\]/,
  );
});

test('a drill hands the healer the machine interface that it was told of, beside the one of production', () => {
  const text = JSON.stringify(
    healerManifests({ image: 'healer:1', token: '', overlay: { machinesSecret: DRILL_MACHINES_SECRET } }),
  );
  assert.match(text, /"secretKeyRef":\{"name":"firedrill-drill-machines","key":"url"/);
  assert.match(text, /"secretName":"firedrill-drill-machines"/);
  assert.doesNotMatch(text, /"firedrill-machines"/);
  const decoded = (manifest: ReturnType<typeof drillMachinesSecret>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(manifest['data'] as Record<string, string>).map(([key, value]) => [
        key,
        Buffer.from(value, 'base64').toString('utf8'),
      ]),
    );
  const access = { url: 'https://bmc.example', token: 'secret' };
  assert.deepEqual(decoded(drillMachinesSecret(access)), access);
  assert.deepEqual(decoded(drillMachinesSecret({ ...access, caPem: 'pem' })), { ...access, 'ca.crt': 'pem' });
  assert.deepEqual(deviationsOf({ machinesSecret: 'other' }), [
    'healer machines: the interface in Secret other instead of firedrill-machines',
  ]);
});

test('a drill mounts the address of its own receiver, and production its own Secret; no address is in a manifest beside it', () => {
  const volumes = (overlay?: typeof DRILL_OVERLAY): string =>
    JSON.stringify(
      healerManifests({ image: 'healer:1', token: '', ...(overlay === undefined ? {} : { overlay }) }),
    );
  const secret = drillSlackSecret('http://receiver.example/slack');
  assert.match(volumes(DRILL_OVERLAY), new RegExp(`"secretName":"${secret.metadata.name}"`));
  assert.match(volumes(), /"secretName":"firedrill-slack"/);
  assert.doesNotMatch(volumes(DRILL_OVERLAY), /receiver\.example/);
  const secrets = healerManifests({ image: 'healer:1', token: 't', overlay: DRILL_OVERLAY }).filter(
    ({ kind }) => kind === 'Secret',
  );
  assert.deepEqual(
    secrets.map(({ metadata }) => metadata.name),
    ['firedrill-healer-token'],
  );
});
