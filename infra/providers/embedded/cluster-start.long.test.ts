import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { ClusterSpec } from '../../cluster.ts';
import { clustersRoot } from '../../supervisor/cluster-directory.ts';
import { embeddedProvider } from './provider.ts';
import { ownStateDirectory } from './testing/own-state-directory.ts';
import { differences, snapshotHost, type HostSnapshot } from './testing/host-snapshot.ts';

const SPEC: ClusterSpec = {
  name: 'delta',
  workers: 2,
  zones: 3,
  infraNodes: 0,
  machineProfile: 'bmc',
  environment: 'test',
};

describe('an embedded cluster that is starting', { concurrency: false }, () => {
  const env = ownStateDirectory();
  const provider = embeddedProvider(env);
  const root = clustersRoot(env);
  const lookAtHost = () => snapshotHost(env.FIREDRILL_STATE_DIR, root);
  let untouched: HostSnapshot;
  const signal = AbortSignal.timeout(600_000);

  before(async () => {
    untouched = await lookAtHost();
  });

  for (const moment of ['network, keys', 'API server answers'])
    it(`can be ended while it is starting: ${moment}`, async () => {
      let reached = (): void => {};
      const there = new Promise<void>((resolve) => (reached = resolve));
      const provisioned = provider.provision(
        SPEC,
        (progress) => {
          if (progress.detail === moment) reached();
        },
        signal,
      );
      const refused = assert.rejects(provisioned, { code: 'cluster.start-failed' });
      await there;
      await assert.rejects(provider.attach('delta'), { code: 'cluster.starting' });
      await provider.end('delta', { force: false });
      await refused;
      assert.deepEqual(differences(untouched, await lookAtHost()), []);
    });
});
