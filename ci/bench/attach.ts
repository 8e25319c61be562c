import { OWN_MONITORING, stagingCluster } from '../../infra/providers/existing/testing/staging-cluster.ts';
import { entriesOf } from '../../harness/core/journal/journal.ts';
import type { Bench } from './bench.ts';
import { BENCH_SCENARIOS, firedrill, runOfScenarios } from './scenario-run.ts';

interface Start {
  /** From the first request to the API server. */
  readonly attached: number;
  /** From the command line's start. */
  readonly command: number;
}

/** A cluster with shop, Prometheus, Alertmanager and healer of its own: what a drill there takes to its first injection. */
function untilInjected(figure: keyof Start): Bench['measure'] {
  return async (runs, signal, log) => {
    await using staging = await stagingCluster(`bench-${process.pid}`, signal);
    await staging.openShop();
    await staging.installHealer();
    const limits = ['--namespaces', '*', '--nodes', '*', '--confirm', staging.uid];
    await firedrill(['adopt', ...staging.reached, ...limits]);
    const figures: number[] = [];
    for (let run = 0; run < runs; run++) {
      const start = await timed([...staging.reached, ...OWN_MONITORING], signal);
      log(`run ${run + 1}: ${start.attached.toFixed(2)} s, as a command ${start.command.toFixed(2)} s`);
      figures.push(start[figure]);
    }
    return figures;
  };
}

async function timed(where: readonly string[], signal: AbortSignal): Promise<Start> {
  const startedWallMs = Date.now();
  const { journals } = await runOfScenarios(
    ['attach', '--provider', 'existing', '--images', 'preloaded', ...where],
    signal,
    { FIREDRILL_SCENARIOS: BENCH_SCENARIOS, FIREDRILL_HEALER: 'present' },
  );
  const entries = journals[0] ?? [];
  const attachedWallMs = entriesOf(entries, 'trial.started')[0]?.attachedWallMs;
  const appliedWallMs = entriesOf(entries, 'fault.applied')[0]?.wallMs;
  if (attachedWallMs === undefined || appliedWallMs === undefined)
    throw new Error('the trial did not get as far as its fault');
  return {
    attached: (appliedWallMs - attachedWallMs) / 1000,
    command: (appliedWallMs - startedWallMs) / 1000,
  };
}

export const attaching: readonly Bench[] = [
  {
    name: 'attach',
    what: 'existing cluster with everything of its own: attach to first injection',
    target: '<= 5 s',
    unit: 's',
    runs: 5,
    long: true,
    measure: untilInjected('attached'),
  },
  {
    name: 'attach-command',
    what: 'the same from the start of the command',
    target: 'no promise',
    unit: 's',
    runs: 5,
    long: true,
    measure: untilInjected('command'),
  },
];
