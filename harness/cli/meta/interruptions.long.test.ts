import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  differences,
  snapshotHost,
  type HostSnapshot,
} from '../../../infra/providers/embedded/testing/host-snapshot.ts';
import { clustersRoot } from '../../../infra/supervisor/cluster-directory.ts';
import { CommandLine, ENVIRONMENT } from './command-line.ts';
import { takenDownInOrder } from './run-in-progress.ts';

/** What interruption.test.ts shows of the launcher alone, with a cluster and a trial behind it. */
describe('further interruptions of a run with a cluster of its own', { concurrency: false }, () => {
  const line = new CommandLine();
  let untouched: HostSnapshot;
  before(async () => {
    await line.firedrill('reap');
    untouched = await snapshotHost(line.directory, clustersRoot(ENVIRONMENT));
  });
  after(() => line[Symbol.dispose]());

  for (const [name, signals, exitCode] of [
    ['twice Ctrl-C', ['SIGINT', 'SIGINT'], 130],
    ['SIGTERM', ['SIGTERM'], 143],
  ] as const)
    it(`${name} takes the cluster down and keeps what was recorded`, () =>
      takenDownInOrder(line, signals, exitCode));

  it('after all of that the host is as it was', async () => {
    assert.deepEqual(
      differences(untouched, await snapshotHost(line.directory, clustersRoot(ENVIRONMENT))),
      [],
    );
  });
});
