import { describe, it } from 'node:test';
import { leavingTheHostAsItWas, takenDownInOrder } from './run-in-progress.ts';

/** What interruptions.meta.test.ts shows of the launcher alone, with a cluster and a trial behind it. */
describe('further interruptions of a run with a cluster of its own', { concurrency: false }, () => {
  const line = leavingTheHostAsItWas();

  for (const [name, signals, exitCode] of [
    ['twice Ctrl-C', ['SIGINT', 'SIGINT'], 130],
    ['SIGTERM', ['SIGTERM'], 143],
  ] as const)
    it(`${name} takes the cluster down and keeps what was recorded`, () =>
      takenDownInOrder(line, signals, exitCode));
});
