import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Cluster, ClusterProvider } from '../../infra/cluster.ts';
import { chooseProvider } from '../../infra/provider.ts';
import { reap } from '../../infra/supervisor/reap.ts';
import { runOutcome } from '../../reports/trial-record.ts';
import { readRun } from '../../reports/read-run.ts';
import { formatFooter, formatHeader, terminalStyle } from '../../reports/terminal/index.ts';
import type { TerminalStyle } from '../../reports/terminal/index.ts';
import { writeReport } from '../../reports/write.ts';
import { systemClock } from '../core/clock.ts';
import { describeError } from '../core/errors.ts';
import { RUN_FILES } from '../core/run-files.ts';
import { clusterSpec } from '../fixtures/attach-cluster.ts';
import { DEFAULT_OPTIONS } from '../fixtures/options.ts';
import type { RunContext } from '../fixtures/run-context.ts';
import { runVariables } from '../fixtures/run-context.ts';
import { RUNNER_FILE, type RunnerOutcome } from '../fixtures/runner-outcome.ts';
import { STYLE_VARIABLE, StepPrinter } from '../fixtures/step-printer.ts';
import { overrideFromEnvironment, validateOptions } from '../fixtures/validate-options.ts';
import { judgeOpenJournals } from '../trial/verdict-file.ts';
import { exitCodeOf } from './exit-code.ts';
import { Interrupted, listenForInterruption } from './interruption.ts';
import { PlaywrightChild } from './playwright-child.ts';
import { abandonedRuns, createRunDirectory, endRunDirectory, writeRunFacts } from './run-directory.ts';
import { takeRunLock } from './run-lock.ts';
import type { TestArguments } from './test-arguments.ts';

/** Where a run takes place. */
export interface RunPlace {
  /** The directory with playwright.config.ts. */
  readonly root: string;
  /** Where reports/out and .firedrill are. */
  readonly workingDirectory: string;
}

/** Runs scenarios on a cluster of their own, or on one that is given, and returns the exit code. */
export async function runScenarios(args: TestArguments, place: RunPlace): Promise<number> {
  const reports = join(place.workingDirectory, 'reports', 'out');
  const provider = await chooseProvider(args.provider);
  const { runId, directory } = createRunDirectory(reports, Date.now());
  using _lock = takeRunLock(join(place.workingDirectory, '.firedrill', 'run.lock'), runId);
  await clearUpAfterOthers(reports, provider);

  const run: RunContext = {
    runId,
    directory,
    seed: args.seed ?? Math.floor(Math.random() * 10_000),
    provider: provider.name,
    clusterName: args.cluster ?? `run-${runId}`,
    clusterIsGiven: args.cluster !== undefined,
    control: args.control,
  };
  const again = lineAgain(args, run.seed);
  writeRunFacts(directory, {
    schema: 1,
    runId,
    startedWallMs: Date.now(),
    seed: run.seed,
    control: run.control,
    provider: run.provider,
    clusterName: run.clusterName,
    again,
  });
  try {
    return await runOn(run, args, place, provider, again);
  } finally {
    endRunDirectory(directory);
  }
}

async function runOn(
  run: RunContext,
  args: TestArguments,
  place: RunPlace,
  provider: ClusterProvider,
  again: string,
): Promise<number> {
  const style = terminalStyle(process.stdout, process.env);
  const print = (text: string): void => void process.stdout.write(text);
  let child: PlaywrightChild | undefined;
  using interruption = listenForInterruption((signal) => {
    print(`  ${signal} again: the cluster is on its way down already\n`);
  });
  const { signal } = interruption;
  const steps = new StepPrinter(print, style);
  let interrupted: Interrupted | undefined;
  try {
    const cluster = await provideCluster(run, provider, steps, style, signal);
    signal.throwIfAborted();
    child = new PlaywrightChild(playwrightArguments(args, run), environmentFor(run, style), place.root);
    const stopChild = (): void => void child?.kill();
    signal.addEventListener('abort', stopChild);
    await child.ended;
    signal.removeEventListener('abort', stopChild);
    signal.throwIfAborted();
    void cluster;
  } catch (error) {
    if (!(signal.reason instanceof Interrupted)) throw error;
    interrupted = signal.reason;
    steps.clear();
    print(`\n  ${interrupted.message}: taking everything down\n`);
    await child?.kill();
  } finally {
    await takeDown(run, provider, print);
  }
  judgeOpenJournals(run.directory, interrupted?.message ?? 'its worker died', systemClock);
  return await conclude(run, style, again, interrupted);
}

async function provideCluster(
  run: RunContext,
  provider: ClusterProvider,
  steps: StepPrinter,
  style: TerminalStyle,
  signal: AbortSignal,
): Promise<Cluster> {
  const { cluster: options } = validateOptions(overrideFromEnvironment(DEFAULT_OPTIONS, process.env));
  const header = (facts: Parameters<typeof formatHeader>[0]): void =>
    void process.stdout.write(`${formatHeader(facts, style)}\n`);
  if (run.clusterIsGiven) {
    const cluster = await provider.attach(run.clusterName);
    const { kubernetesVersion, machineProfile } = cluster;
    header({
      provider: provider.name,
      kubernetesVersion,
      machineProfile,
      nodes: await cluster.nodes(),
      seed: run.seed,
    });
    return cluster;
  }
  const zones = Array.from({ length: options.workers }, (_, index) => ({
    zone: `zone-${(index % options.zones) + 1}`,
    role: 'worker',
  }));
  header({
    provider: provider.name,
    kubernetesVersion: provider.kubernetesVersion ?? '',
    machineProfile: options.machineProfile,
    nodes: zones,
    seed: run.seed,
  });
  const startedMs = new Map<string, number>();
  return provider.provision(
    { ...clusterSpec(run.clusterName, options), ephemeral: true },
    ({ step, state, detail, elapsedMs }) => {
      const since = startedMs.get(step) ?? performance.now();
      startedMs.set(step, since);
      const passedMs = elapsedMs ?? performance.now() - since;
      if (state === 'end') steps.done(step, detail, passedMs);
      else steps.progress(step, detail, passedMs);
    },
    signal,
  );
}

function playwrightArguments(args: TestArguments, run: RunContext): readonly string[] {
  return [...args.filters, `--project=${run.provider}`, ...args.passedOn];
}

function environmentFor(run: RunContext, style: TerminalStyle): NodeJS.ProcessEnv {
  const terminal = { ...style, columns: Number.isFinite(style.columns) ? style.columns : null };
  return { ...process.env, ...runVariables(run), [STYLE_VARIABLE]: JSON.stringify(terminal) };
}

/** Destroys every cluster that was made for this run, and leaves one that was given. */
async function takeDown(
  run: RunContext,
  provider: ClusterProvider,
  print: (text: string) => void,
): Promise<void> {
  if (run.clusterIsGiven) return;
  const made = (await provider.list()).filter(
    (name) => name === run.clusterName || name.startsWith(`${run.clusterName}-`),
  );
  for (const name of made)
    try {
      await (await provider.attach(name)).destroy();
    } catch (error) {
      // It may be going down already; the reaper takes what is left.
      await reap();
      if ((await provider.list()).includes(name))
        print(`  the cluster ${name} is still there: ${describeError(error)}\n`);
    }
}

async function conclude(
  run: RunContext,
  style: TerminalStyle,
  again: string,
  interrupted: Interrupted | undefined,
): Promise<number> {
  // Whoever interrupts wants the prompt back: the Allure page is left out then.
  const report = await writeReport(run.directory, {
    allure: interrupted === undefined ? 'report' : 'results',
  });
  for (const problem of report.problems) process.stderr.write(`${describeError(problem)}\n`);
  const trials = await readRun(run.directory);
  const verdicts = trials.map((trial) => trial.verdict);
  const indexHtml = relative(process.cwd(), join(run.directory, RUN_FILES.page));
  const footer = formatFooter({ outcome: runOutcome(trials), verdicts, indexHtml, again }, style);
  process.stdout.write(`\n${footer}\n`);
  if (interrupted !== undefined) return interrupted.exitCode;
  const residue = trials.some((trial) =>
    trial.entries.some((entry) => entry.kind === 'residue' && !entry.ok),
  );
  return exitCodeOf({ verdicts, residue, runnerFailed: runnerFailed(run.directory) });
}

/** Whether the runner had trouble of its own: files that it could not load, tests that failed outside of a trial. */
function runnerFailed(directory: string): boolean {
  const path = join(directory, RUNNER_FILE);
  if (!existsSync(path)) return true;
  const outcome = JSON.parse(readFileSync(path, 'utf8')) as RunnerOutcome;
  return outcome.errors.length > 0 || outcome.unjudged > 0;
}

/** What a launcher that was killed has left: clusters of dead supervisors, and journals without a verdict. */
async function clearUpAfterOthers(reports: string, provider: ClusterProvider): Promise<void> {
  await reap();
  for (const directory of abandonedRuns(reports)) {
    const name = `run-${directory.split('/').at(-1) ?? ''}`;
    for (const cluster of (await provider.list()).filter((one) => one === name || one.startsWith(`${name}-`)))
      await (await provider.attach(cluster)).destroy();
    judgeOpenJournals(directory, 'the launcher was killed', systemClock);
    await writeReport(directory, { allure: 'results' });
    endRunDirectory(directory);
  }
}

function lineAgain(args: TestArguments, seed: number): string {
  const words = [...args.filters, ...args.passedOn, `--seed ${seed}`];
  if (args.control) words.push('--control');
  if (args.provider !== undefined) words.push(`--provider ${args.provider}`);
  if (args.cluster !== undefined) words.push(`--cluster ${args.cluster}`);
  return `npm test -- ${words.join(' ')}`;
}
