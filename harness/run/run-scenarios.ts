import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { terminalStyle, type TerminalStyle } from '../../reports/terminal/index.ts';
import { RUN_FILES } from '../core/journal/run-files.ts';
import { given } from '../core/given.ts';
import { DEFAULT_OPTIONS } from '../stage/options.ts';
import { runVariables, type RunContext } from './run-context.ts';
import { STYLE_VARIABLE } from './step-printer.ts';
import { overrideFromEnvironment, validateOptions } from '../stage/validate-options.ts';
import { beginRun, type Run } from './begin-run.ts';
import { concludeRun, type RunEnding } from './conclude-run.ts';
import { endRun } from './end-run.ts';
import { EXIT } from './exit-code.ts';
import { Interrupted, listenForInterruption } from './interruption.ts';
import { forgetLastRun } from './last-run.ts';
import { lineAgain, wordsOfTrial, wordsToApprove } from './line-again.ts';
import { listScenarios, mayChooseNone, type ChosenScenarios } from './list-scenarios.ts';
import { planOf } from './plan.ts';
import { PlaywrightChild } from './playwright-child.ts';
import { REPORTER, type Project } from './project.ts';
import { provideCluster, type Print, type RunCluster } from './run-cluster.ts';
import { findScenarios } from './scenario-files.ts';
import type { TestArguments } from './test-arguments.ts';

/** How a run was called: whose scenarios it takes, where it leaves what it writes, and what its settings are read from. */
interface Invocation {
  readonly project: Project;
  /** Where reports/out and .firedrill are. */
  readonly workingDirectory: string;
  /** The environment that its settings are read from, with what the command line has said. */
  readonly env: NodeJS.ProcessEnv;
}

/** Runs scenarios on a cluster of their own, or on one that is given, and returns the exit code. */
export async function runScenarios(args: TestArguments, invocation: Invocation): Promise<number> {
  const print: Print = (text) => void process.stdout.write(text);
  using interruption = listenForInterruption((signal) =>
    print(`  ${signal} again: everything is on its way down already\n`),
  );
  const { project, workingDirectory, env } = invocation;
  validateOptions(overrideFromEnvironment(DEFAULT_OPTIONS, env));
  const patterns = findScenarios(args.filters, project);
  let listing: Promise<ChosenScenarios> | undefined;
  const list = (): Promise<ChosenScenarios> =>
    (listing ??= listScenarios(args, project, env, interruption.signal));
  const again = (seed: number): string => lineAgain(args, seed);
  // On a cluster that is up the runner itself reads them first, where a configuration that is not ours could have changed the run.
  if ((mayChooseNone(args) || project.isConfigured) && (await list()).titles.length === 0) {
    print('nothing to run: no scenario is chosen\n');
    return EXIT.asExpected;
  }
  using run = await beginRun(
    {
      ...args,
      env,
      bare: false,
      workingDirectory,
      again,
      where: wordsOfTrial(args),
      signal: interruption.signal,
      words: (seed) => wordsToApprove(args, seed),
      list,
      plan: async (seed, allowed) =>
        planOf({
          args,
          environment: env,
          titles: (await list()).titles,
          scenarioFolder: project.scenarioFolder,
          projectFolder: project.directory,
          seed,
          ...given({ allowed }),
        }),
    },
    print,
  );
  const style = terminalStyle(process.stdout, env);
  const scenarios = { args, patterns, list, project };
  const ending = await runOn(run, scenarios, style, print, interruption.signal);
  return await concludeRun(run, style, print, ending);
}

/** What is run. */
interface Scenarios {
  readonly project: Project;
  readonly args: TestArguments;
  /** What the test runner is told in place of the filters. */
  readonly patterns: readonly string[];
  /** Which they are; throws what is wrong with them. */
  readonly list: () => Promise<ChosenScenarios>;
}

/** Returns how it ended, once everything is down. */
async function runOn(
  run: Run,
  scenarios: Scenarios,
  style: TerminalStyle,
  print: Print,
  signal: AbortSignal,
): Promise<RunEnding> {
  const { context, env } = run;
  let provided: RunCluster | undefined;
  let child: PlaywrightChild | undefined;
  let interrupted: Interrupted | undefined;
  let ending: RunEnding;
  let isRefused = false;
  try {
    if (context.clusterIsGiven || (await scenarios.list()).trials.length > 0)
      provided = await provideCluster(context, run, style, print, signal);
    else
      print(
        'plain tests alone are chosen, which ask for no trial: no cluster is made, and there is no verdict\n',
      );
    signal.throwIfAborted();
    forgetLastRun(scenarios.args, env);
    child = await PlaywrightChild.start(
      playwrightArguments(scenarios),
      environmentFor(context, env, style),
      scenarios.project.configuration,
    );
    await untilEnded(child, signal);
    signal.throwIfAborted();
    isRefused = readdirSync(join(context.directory, RUN_FILES.trials)).length === 0;
    if (isRefused) await scenarios.list();
    isRefused = false;
  } catch (error) {
    if (!(signal.reason instanceof Interrupted)) {
      if (existsSync(join(context.directory, RUN_FILES.logs)))
        print(`  logs: ${relative(process.cwd(), join(context.directory, RUN_FILES.logs))}\n`);
      throw error;
    }
    interrupted = signal.reason;
    print(`\n  ${interrupted.message}: taking everything down\n`);
  } finally {
    await child?.kill();
    ending = await endRun(run, { provided, interrupted }, print);
    if (isRefused && interrupted === undefined) run.discard();
  }
  return ending;
}

async function untilEnded(child: PlaywrightChild, signal: AbortSignal): Promise<void> {
  const stop = (): void => void child.kill();
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  await child.ended;
  signal.removeEventListener('abort', stop);
}

function playwrightArguments({ args, patterns }: Scenarios): readonly string[] {
  return [...patterns, ...args.passedOn, `--add-reporter=${[REPORTER, ...args.reporters].join(',')}`];
}

function environmentFor(run: RunContext, env: NodeJS.ProcessEnv, style: TerminalStyle): NodeJS.ProcessEnv {
  const terminal = { ...style, columns: Number.isFinite(style.columns) ? style.columns : null };
  return { ...env, ...runVariables(run), [STYLE_VARIABLE]: JSON.stringify(terminal) };
}
