import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { ClusterSpec } from '../../cluster.ts';
import { clustersRoot } from '../../supervisor/cluster-directory.ts';
import { embeddedProvider } from './provider.ts';
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
  let directory: string;
  let untouched: HostSnapshot;
  const signal = AbortSignal.timeout(600_000);

  before(async () => {
    directory = mkdtempSync('/tmp/firedrill-test-');
    process.env['FIREDRILL_STATE_DIR'] = directory;
    untouched = await snapshotHost(directory, clustersRoot());
  });

  after(async () => {
    for (const name of await embeddedProvider.list()) await embeddedProvider.end(name, { force: true });
    rmSync(directory, { recursive: true, force: true });
  });

  for (const moment of ['network, keys', 'API server answers'])
    it(`can be ended while it is starting: ${moment}`, async () => {
      let reached = (): void => {};
      const there = new Promise<void>((resolve) => (reached = resolve));
      const provisioned = embeddedProvider.provision(
        SPEC,
        (progress) => {
          if (progress.detail === moment) reached();
        },
        signal,
      );
      const refused = assert.rejects(provisioned, { code: 'cluster.start-failed' });
      await there;
      await assert.rejects(embeddedProvider.attach('delta'), { code: 'cluster.starting' });
      await embeddedProvider.end('delta', { force: false });
      await refused;
      assert.deepEqual(differences(untouched, await snapshotHost(directory, clustersRoot())), []);
    });
});
