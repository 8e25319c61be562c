import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { untilGone } from '../../../infra/process/identity.ts';
import { readJournal } from '../../trial/journal-file.ts';
import {
  endedWithoutItsCluster,
  gone,
  HANGING,
  groupsOf,
  leavingTheHostAsItWas,
  processesNaming,
  statusOf,
  takenDownInOrder,
  untilInjected,
  within,
} from './run-in-progress.ts';

/** What the kernel ends, and what notices a closed channel, ends at once. */
const AT_ONCE_MS = 2_000;

describe('interruptions of a run with a cluster of its own', { concurrency: false }, () => {
  const line = leavingTheHostAsItWas();

  it('Ctrl-C takes the cluster down and keeps what was recorded', () =>
    takenDownInOrder(line, ['SIGINT'], 130));

  it('a launcher that was killed takes runner, worker and cluster with it, and the next command judges its trial', async () => {
    const { run, journal, ownCluster, runner, worker } = await untilInjected(line, HANGING);
    run.process.kill('SIGKILL');
    await Promise.all([untilGone(runner, AT_ONCE_MS), untilGone(worker, AT_ONCE_MS), gone(ownCluster)]);
    const next = line.start(HANGING);
    // A run clears up after others before it makes a cluster of its own; with its first line it has shown what it is started for.
    await next.untilPrinted(/firedrill ·/);
    const { entries } = readJournal(journal);
    assert.equal(entries.at(-1)?.kind, 'trial.ended');
    const verdict = JSON.parse(readFileSync(journal.replace('journal.jsonl', 'verdict.json'), 'utf8')) as {
      outcome: string;
    };
    assert.equal(verdict.outcome, 'inconclusive');
    next.process.kill('SIGTERM');
    assert.equal((await next.ended).exitCode, 143, next.output);
  });

  it('a supervisor that was killed takes its cluster with it at once, and the trial says that it was lost', async () => {
    const { run, ownCluster } = await untilInjected(line, HANGING);
    const { pid } = await statusOf(ownCluster);
    process.kill(pid, 'SIGKILL');
    await within(AT_ONCE_MS, () => processesNaming(ownCluster).join(', '));
    await endedWithoutItsCluster(line, run, ownCluster);
    // The run itself has cleared away what the supervisor could not.
    const reaped = await line.firedrill('reap', '--json');
    assert.deepEqual((JSON.parse(reaped.output) as { reaped: unknown }).reaped, []);
    // The group of a frozen node is gone, too: a killed process that is frozen does not end before it is thawed.
    assert.deepEqual(groupsOf(ownCluster), []);
  });
});
