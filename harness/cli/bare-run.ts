import { PLAIN } from '../../reports/terminal/index.ts';
import { COMMANDS } from '../core/installation.ts';
import { runVariables } from '../fixtures/run-context.ts';
import { beginRun } from './begin-run.ts';
import { concludeRun } from './conclude-run.ts';
import { endRun } from './end-run.ts';
import type { RunCluster } from './run-cluster.ts';
import { provideCluster } from './run-cluster.ts';

/**
 * The global set-up for a test runner that was started by itself (`npx playwright test`, an editor): it does what
 * `npm test` does around the scenarios. The returned function is the global tear-down.
 */
export default async function prepareBareRun(): Promise<() => Promise<void>> {
  const print = (text: string): void => void process.stdout.write(text);
  const run = await beginRun(
    {
      control: process.env['FIREDRILL_CONTROL'] === '1',
      bare: true,
      workingDirectory: process.cwd(),
      again: (seed) => `${COMMANDS.test} --seed ${seed}`,
    },
    print,
  );
  const { context, provider } = run;
  const stop = new AbortController();
  let provided: RunCluster;
  try {
    provided = await provideCluster(context, provider, PLAIN, print, stop.signal);
  } catch (error) {
    run[Symbol.dispose]();
    throw error;
  }
  Object.assign(process.env, runVariables(context));
  return async () => {
    try {
      await concludeRun(run, PLAIN, print, await endRun(run, { provided }, print));
    } finally {
      run[Symbol.dispose]();
    }
  };
}
