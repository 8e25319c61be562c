import { join } from 'node:path';
import type { ClusterProvider } from '../../infra/cluster.ts';
import { chooseProvider, providerOf, providersOf } from '../../infra/provider.ts';
import { unclaimedClusters } from '../../infra/unclaimed.ts';
import { given } from '../core/given.ts';
import type { RunContext } from './run-context.ts';
import { clearUpAfterOthers } from './clear-up-after-others.ts';
import type { ClusterSource, Print } from './run-cluster.ts';
import {
  createRunDirectory,
  discardRunDirectory,
  endRunDirectory,
  takeRunLock,
  writeRunFacts,
} from './run-directory.ts';
import { clusterNameOf, runIdAt } from './run-id.ts';
import { requirePolicy, type PolicyQuestion } from './require-policy.ts';
import { DEFAULT_OPTIONS } from '../stage/options.ts';
import { overrideFromEnvironment } from '../stage/validate-options.ts';
import type { ChosenScenarios } from './list-scenarios.ts';
import { ownIdentity } from '../../infra/process/identity.ts';

/** What a run is asked to be. */
interface RunRequest extends PolicyQuestion {
  /** The environment that its settings are read from. */
  readonly env: NodeJS.ProcessEnv;
  readonly provider?: string;
  readonly seed?: number;
  readonly cluster?: string;
  readonly control: boolean;
  /** The options of the command line that say which titles and where, as words. */
  readonly where?: string;
  /** True where the test runner was started by itself, not by `npm test`. */
  readonly bare: boolean;
  /** Where reports/out and .firedrill are. */
  readonly workingDirectory: string;
  /** The line that repeats it with this seed. */
  readonly again: (seed: number) => string;
  /** Ends the looks at machine and scenarios. */
  readonly signal: AbortSignal;
  /** Says what is wrong with the scenarios, and which of them need a cluster, before one is made for them. */
  readonly list?: () => Promise<ChosenScenarios>;
}

/** A run that has a name, a directory and a seed; dispose it when nothing of it will be written any more. */
export interface Run extends Disposable, ClusterSource {
  readonly context: RunContext;
  readonly again: string;
  /** Takes its directory away, where nothing has begun. */
  discard(): void;
}

/** Chooses what holds for the whole run, once, and clears up after runs that could not do so themselves. */
export async function beginRun(request: RunRequest, print: Print): Promise<Run> {
  const reports = join(request.workingDirectory, 'reports', 'out');
  const { env } = request;
  const providers = providersOf(env);
  const wanted = request.provider ?? (await makerOf(request.cluster, providers, env));
  const provider = await chooseProvider(wanted, providers);
  // A name that is wrong shows before anything is written.
  const givenName = request.cluster ?? provider.standing?.();
  const standing = givenName === undefined ? undefined : await provider.attach(givenName, request.signal);
  // A cluster that is up costs nothing: there the runner itself loads them, and is the only one.
  if (standing === undefined) {
    const machine = provider.requireMachine?.(usualNodes(env), request.signal);
    const [ready, listed] = await Promise.allSettled([machine, request.list?.()]);
    if (listed.status === 'rejected') throw listed.reason;
    // Plain tests ask nothing of the machine.
    if (ready.status === 'rejected' && listed.value?.trials.length !== 0) throw ready.reason;
  }
  const seed = request.seed ?? Math.floor(Math.random() * 10_000);
  const question = { ...request, ...given({ approvalFile: env['FIREDRILL_APPROVAL'] }) };
  const permit = standing === undefined ? undefined : await requirePolicy(standing, question, seed);
  const lock = takeRunLock(join(request.workingDirectory, '.firedrill', 'run.lock'));
  try {
    await clearUpAfterOthers(reports, { provider, env }, print);
    const startedWallMs = Date.now();
    const runId = runIdAt(startedWallMs, Math.random);
    const directory = createRunDirectory(reports, runId, print);
    const context: RunContext = {
      runId,
      launcher: ownIdentity(),
      directory,
      seed,
      provider: provider.name,
      clusterName: givenName ?? clusterNameOf(runId),
      clusterIsGiven: standing !== undefined,
      ...given({ clusterUid: standing?.uid }),
      control: request.control,
      ...given({ where: request.where, permit }),
      bare: request.bare,
    };
    const again = request.again(seed);
    const { control, clusterName } = context;
    const facts = { runId, seed, control, clusterName, again, provider: provider.name };
    writeRunFacts(directory, { schema: 1, startedWallMs, ...facts });
    return {
      context,
      provider,
      env,
      again,
      discard: () => discardRunDirectory(directory),
      [Symbol.dispose]: () => {
        endRunDirectory(directory);
        lock[Symbol.dispose]();
      },
    };
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

/** The workers of the cluster that a run begins with, and the node for monitoring, load and probe. */
function usualNodes(env: NodeJS.ProcessEnv): number {
  return overrideFromEnvironment(DEFAULT_OPTIONS, env).cluster.workers + 1;
}

/** A cluster that is up says itself who has made it. */
async function makerOf(
  cluster: string | undefined,
  providers: readonly ClusterProvider[],
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  if (cluster === undefined) return undefined;
  return (await providerOf(cluster, providers, unclaimedClusters(providers, env))).name;
}
