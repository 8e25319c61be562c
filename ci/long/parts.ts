import { spawnSync } from 'node:child_process';
import { basename, dirname, join } from 'node:path';
import { kindProvider } from '../../infra/providers/kind/provider.ts';
import { benches } from '../bench/catalogue.ts';
import { figuresOf, GOALS, goals } from '../bench/goals.ts';
import { runOfScenarios } from '../bench/scenario-run.ts';
import { commandSuite } from '../suites/command.ts';
import { nodeTestSuite, testFiles } from '../suites/node-tests.ts';
import type { Tally } from '../suites/tally.ts';
import type { Part, Unit, UnitOutcome } from './unit.ts';

const root = dirname(dirname(import.meta.dirname));
const launcher = join(root, 'harness', 'cli', 'test.ts');

const GOAL_RUNS = 10;
const SIMULATED_RUNS = 1_000;
const SIMULATIONS = 20;
/** Every scenario of a unit runs with it, so that the same unit asks the same question on every commit. */
const SEED = 1;

/** The long suite: what takes minutes, and what is worth repeating. */
export const parts: readonly Part[] = [
  {
    name: 'tests',
    what: 'test files named .long.test.ts',
    unitMinutes: 10,
    units: () => Promise.resolve(testFiles('**/*.long.test.ts', root).map(ofTestFile)),
  },
  {
    name: 'simulation',
    what: `${SIMULATIONS * SIMULATED_RUNS} runs of the simulated healer with seeds of their own`,
    unitMinutes: 5,
    units: () => Promise.resolve(Array.from({ length: SIMULATIONS }, (_, block) => ofSimulation(block))),
  },
  {
    name: 'scenarios',
    what: 'every scenario file as a user runs it',
    unitMinutes: 15,
    units: () =>
      Promise.resolve(
        testFiles('scenarios/**/*.spec.ts', root)
          .map((file) => `scenarios/${basename(file, '.spec.ts')}`)
          // The goals are a part of their own.
          .filter((scenario) => scenario !== GOALS)
          .map((scenario) => ofScenario(scenario, [scenario])),
      ),
  },
  {
    name: 'controls',
    what: 'healer off, and no fault: what a scenario must not pass without',
    unitMinutes: 15,
    units: () => Promise.resolve(controlTitles().map(ofControl)),
  },
  {
    name: 'goals',
    what: `the promised recoveries, ${GOAL_RUNS} times each`,
    unitMinutes: 8,
    units: () => Promise.resolve(Array.from({ length: GOAL_RUNS }, (_, run) => ofGoals(run + 1))),
  },
  {
    name: 'bench',
    what: 'every other figure of the README, as often as it says',
    unitMinutes: 15,
    units: () => Promise.resolve(unitsOfBenches(false)),
  },
  {
    name: 'kind',
    what: "the provider's and the injectors' contract on kind, node-loss there, and its figures beside embedded",
    unitMinutes: 15,
    async absence() {
      const answer = await kindProvider.applies();
      if (answer.yes) return undefined;
      return {
        why: answer.reasons.join('; '),
        hint: 'start Docker, Podman or nerdctl; FIREDRILL_ENGINE names one, FIREDRILL_NODE_IMAGE its node image; npm run firedrill -- doctor says what answers',
      };
    },
    units: () =>
      Promise.resolve([
        ...testFiles('**/{kind.contract,*-on-kind.real}.test.ts', root).map(ofTestFile),
        ...testFiles('infra/**/kind/*.real.test.ts', root).map(ofTestFile),
        ofScenario('scenarios/node-loss on kind', ['scenarios/node-loss', '--provider', 'kind']),
        ...unitsOfBenches(true),
      ]),
  },
];

/** A test file is done when all its tests have run: one that was skipped has shown nothing. */
export function outcomeOf({ passed, failed, skipped }: Tally): UnitOutcome {
  if (failed > 0) return { result: 'failed' };
  return { result: skipped > 0 || passed === 0 ? 'skipped' : 'passed' };
}

function ofTestFile(file: string): Unit {
  return {
    name: file,
    run: async (signal) => outcomeOf(await nodeTestSuite([join(root, file)], 1, signal)),
  };
}

function ofSimulation(block: number): Unit {
  const seed = block * SIMULATED_RUNS + 1;
  return {
    name: `seeds ${seed} to ${seed + SIMULATED_RUNS - 1}`,
    seed,
    run: async (signal) =>
      outcomeOf(
        await commandSuite(
          process.execPath,
          [
            ...[
              '--test',
              '--test-reporter=dot',
              '--test-name-pattern=runs of seeded misfortunes|the sound healer passes',
            ],
            ...testFiles('**/simulation.test.ts', root),
          ],
          signal,
          { environment: { FIREDRILL_SIM_SEED: String(seed), FIREDRILL_SIM_RUNS: String(SIMULATED_RUNS) } },
        ),
      ),
  };
}

function ofScenario(name: string, args: readonly string[]): Unit {
  return {
    name,
    seed: SEED,
    run: async (signal) =>
      outcomeOf(await commandSuite(process.execPath, [launcher, ...args, '--seed', String(SEED)], signal)),
  };
}

/** File and titles, as `npm test -- --list` prints them. */
function controlTitles(): readonly string[] {
  const args = [launcher, 'scenarios', '--control', '--grep', '@control', '--list'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the controls cannot be listed: ${stderr}`);
  return stdout.split('\n').filter((line) => line.includes(' › '));
}

function ofControl(title: string): Unit {
  const words = title.split(' › ');
  const scenario = `scenarios/${basename(words[0] ?? '', '.spec.ts')}`;
  const grep = (words.at(-1) ?? '').replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return ofScenario(title, [scenario, '--control', '--grep', grep]);
}

function ofGoals(seed: number): Unit {
  return {
    name: `seed ${seed}`,
    seed,
    async run(signal) {
      const { verdicts } = await runOfScenarios([GOALS, '--seed', String(seed)], signal);
      const figures = goals.map((goal) => [goal.name, figuresOf(goal, verdicts).map(finite)] as const);
      const held = verdicts.length > 0 && verdicts.every(({ asExpected }) => asExpected);
      return { result: held ? 'passed' : 'failed', figures: Object.fromEntries(figures) };
    },
  };
}

function unitsOfBenches(onKind: boolean): readonly Unit[] {
  return benches
    .filter(
      ({ name, needsKind }) => (needsKind === true) === onKind && !goals.some((goal) => goal.name === name),
    )
    .map((bench) => ({
      name: bench.name,
      async run(signal: AbortSignal): Promise<UnitOutcome> {
        const figures = await bench.measure(bench.runs, signal, (line) =>
          process.stdout.write(`    ${line}\n`),
        );
        return { result: 'passed', figures: { [bench.name]: figures.map(finite) } };
      },
    }));
}

function finite(figure: number): number | null {
  return Number.isFinite(figure) ? figure : null;
}
