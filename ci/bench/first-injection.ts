import { entriesOf } from '../../harness/core/journal/journal.ts';
import { OWN_MONITORING, stagingCluster } from '../../infra/providers/existing/testing/staging-cluster.ts';
import type { Bench } from './bench.ts';
import { firedrill, runOfScenarios } from './scenario-run.ts';

/** Where scenarios lie that are there to be measured. */
const SCENARIOS = { FIREDRILL_SCENARIOS: 'ci/bench/scenarios' };

/** What a drill takes to its first injection on a cluster that is there already. */
export const firstInjections: readonly Bench[] = [
  {
    what: 'existing cluster with shop, Prometheus, Alertmanager and healer of its own: attach, or start of the command, to first injection',
    figures: { attach: { unit: 's', target: '<= 5 s' }, 'attach-command': { unit: 's' } },
    ...{ runs: 5, long: true },
    async *measure(_, signal) {
      await using staging = await stagingCluster(`bench-${process.pid}`, process.env, signal);
      await staging.openShop();
      await staging.installHealer();
      const permission = ['--namespaces', '*', '--nodes', '*', '--confirm', staging.uid];
      await firedrill(['adopt', ...staging.reached, ...permission], signal);
      const reached = [...staging.reached, ...OWN_MONITORING];
      const args = ['attach', '--provider', 'existing', '--images', 'preloaded', ...reached];
      for (;;) {
        const { ofAttach, ofCommand } = await secondsToInjection(args, signal, {
          FIREDRILL_HEALER: 'present',
        });
        yield { attach: ofAttach, 'attach-command': ofCommand };
      }
    },
  },
  {
    what: 'npm test on a cluster that stays: start of the command to the first injection, from the second run on',
    figures: { 'first-injection': { unit: 's', target: '<= 6 s' } },
    ...{ runs: 5, long: true },
    async *measure(_, signal) {
      const name = `bench-${process.pid}`;
      await firedrill(['up', '--name', name], signal);
      try {
        const args = ['first-injection', '--cluster', name];
        // The first run sets the stage up, the others find it.
        for (let run = 0; ; run++) {
          const { ofCommand } = await secondsToInjection(args, signal);
          if (run > 0) yield { 'first-injection': ofCommand };
        }
      } finally {
        await firedrill(['down', '--name', name]);
      }
    },
  },
];

/** From the first request to the API server, and from the start of the command. */
async function secondsToInjection(
  args: readonly string[],
  signal: AbortSignal,
  environment: NodeJS.ProcessEnv = {},
): Promise<{ readonly ofAttach: number; readonly ofCommand: number }> {
  const startedWallMs = Date.now();
  const { journals } = await runOfScenarios(args, signal, { ...SCENARIOS, ...environment });
  const entries = journals[0] ?? [];
  const attachedWallMs = entriesOf(entries, 'trial.started')[0]?.attachedWallMs ?? Number.NaN;
  const applied = entriesOf(entries, 'fault.applied')[0];
  if (applied === undefined) throw new Error('the trial did not get as far as its fault');
  return {
    ofAttach: (applied.wallMs - attachedWallMs) / 1000,
    ofCommand: (applied.wallMs - startedWallMs) / 1000,
  };
}
