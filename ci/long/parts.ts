import { basename, dirname, join } from 'node:path';
import { SESSIONS } from '../../harness/cli/meta/document-sessions.ts';
import { entriesOf } from '../../harness/core/journal/journal.ts';
import { patient } from '../../harness/core/patience.ts';
import { listScenarios } from '../../harness/run/list-scenarios.ts';
import { projectIn } from '../../harness/run/project.ts';
import { environmentOf, parseTestArguments } from '../../harness/run/test-arguments.ts';
import { kindProvider } from '../../infra/providers/kind/provider.ts';
import { figuresOf, nameOf, valuesByName } from '../bench/bench.ts';
import { benches } from '../bench/catalogue.ts';
import { GOALS, recoveriesIn, recoveries } from '../bench/goals.ts';
import { busyPrograms } from '../../harness/testing/busy-programs.ts';
import { runOfScenarios } from '../bench/scenario-run.ts';
import { areas } from '../mutants/areas.ts';
import { runArea } from '../mutants/run-area.ts';
import { nodeTestSuite, testFiles } from '../suites/node-tests.ts';
import type { Tally } from '../suites/tally.ts';
import type { UnitName, UnitOutcome } from './records.ts';

/** The smallest piece of the long suite that is recorded: it is done on a commit, or it is not. */
interface Unit {
  /** Unique in its part. */
  readonly unit: string;
  readonly seed?: number;
  /** @throws Error where it has no result: its input was bad, it could not be tried, or it was interrupted */
  run(signal: AbortSignal): Promise<UnitOutcome>;
}

/** A unit of a part, and how long such a unit may take. */
export type PartUnit = Unit & UnitName & { readonly guessMs: number };

/** One row of the long suite. */
interface Part {
  readonly name: string;
  /** What it shows, in half a line. */
  readonly what: string;
  /** How long a unit of it may take; one that takes twice as long hangs. */
  readonly unitMinutes: number;
  /** Why it cannot run here, with the next step; undefined where it can. */
  readonly absence?: () => Promise<string | undefined>;
  readonly units: () => readonly Unit[] | Promise<readonly Unit[]>;
}

const root = dirname(dirname(import.meta.dirname));
const GOAL_RUNS = 10;
const PAUSE_RUNS = 20;
const PAUSES = 10;
/** Programs that do nothing but run: so many, and a kubelet that goes on after a pause has to wait for its turn. */
const BUSY = 1;
const SIMULATED_RUNS = 2500;
const SIMULATIONS = 40;
/** Every scenario of a unit runs with it, so that the same unit asks the same question on every commit. */
const SEED = 1;

/** The unit's own deadline comes first. */
const FILE_TIMEOUT_MS = patient(3_600_000);
const KILLS = 'harness/cli/meta/kills.long.test.ts';
const DOCUMENTS = 'harness/cli/meta/documents.long.test.ts';

/** The long suite: what takes minutes, and what is worth repeating. */
export const parts: readonly Part[] = [
  {
    ...{ name: 'tests', unitMinutes: 10 },
    what: 'test files named .long.test.ts',
    units: () =>
      testFiles('**/*.long.test.ts', root)
        .filter((file) => ![KILLS, DOCUMENTS].includes(file))
        .map((file) => ofTestFile(file)),
  },
  {
    ...{ name: 'kills', unitMinutes: 10 },
    what: 'every actor of a trial killed at ten instants, and a machine that is short of something: nothing left, no verdict false',
    units: () =>
      [
        ...['launcher', 'runner', 'worker', 'supervisor', 'probe', 'k6', 'all'].map(
          (actor) => `${actor} killed`,
        ),
        'a machine that is short of',
        'a clock that is set forward',
      ].map((subject) => ({ ...ofTestFile(KILLS, subject), unit: subject })),
  },
  {
    ...{ name: 'documents', unitMinutes: 10 },
    what: 'the commands of the documents, typed as they stand by a user with a home of their own',
    units: () =>
      Object.keys(SESSIONS).map((session) => ({ ...ofTestFile(DOCUMENTS, session), unit: session })),
  },
  {
    ...{ name: 'simulation', unitMinutes: 3 },
    what: `${SIMULATIONS * SIMULATED_RUNS} runs of the simulated healer with seeds of their own`,
    units: () => Array.from({ length: SIMULATIONS }, (_, block) => ofSimulation(block)),
  },
  {
    ...{ name: 'scenarios', unitMinutes: 15 },
    what: 'every scenario file as a user runs it',
    units: () =>
      testFiles('scenarios/**/*.spec.ts', root)
        .map((file) => `scenarios/${basename(file, '.spec.ts')}`)
        // The goals are a part of their own.
        .filter((scenario) => scenario !== GOALS)
        .map((scenario) => ofScenario(scenario, [scenario])),
  },
  {
    ...{ name: 'controls', unitMinutes: 15 },
    what: 'healer off, and no fault: what a scenario must not pass without',
    units: async () => (await controlTitles()).map(ofControl),
  },
  {
    ...{ name: 'goals', unitMinutes: 8 },
    what: `the promised recoveries, ${GOAL_RUNS} times each`,
    units: () => Array.from({ length: GOAL_RUNS }, (_, run) => ofGoals(run + 1)),
  },
  {
    ...{ name: 'pauses', unitMinutes: 10 },
    what: `${PAUSE_RUNS * PAUSES} nodes that stand still for 5 s beside a busy program: none is fenced`,
    units: () => Array.from({ length: PAUSE_RUNS }, (_, run) => ofPauses(run + 1)),
  },
  {
    ...{ name: 'bench', unitMinutes: 15 },
    what: 'every other figure of the README, as often as it says',
    units: () => ofBenches(false),
  },
  {
    ...{ name: 'mutants', unitMinutes: 20 },
    what: 'whether unit tests notice small mistakes that are made on purpose: all in guards, proofs and calls, 85 % elsewhere',
    units: () =>
      areas.map((area) => ({
        ...{ unit: area.name, seed: SEED },
        run: (signal) => runArea(area, SEED, signal),
      })),
  },
  {
    ...{ name: 'kind', unitMinutes: 15 },
    what: "the provider's and the injectors' contract on kind, node-loss there, and its figures beside embedded",
    async absence() {
      const answer = await kindProvider(process.env).applies();
      if (answer.yes) return undefined;
      return (
        `${answer.reasons.join('; ')}\n  next: start Docker, Podman or nerdctl; FIREDRILL_ENGINE names one, ` +
        'FIREDRILL_NODE_IMAGE its node image; npm run firedrill -- doctor says what answers'
      );
    },
    units: () => [
      ...testFiles('**/{kind.contract,*-on-kind.real}.test.ts', root).map((file) => ofTestFile(file)),
      ...testFiles('infra/**/kind/*.real.test.ts', root).map((file) => ofTestFile(file)),
      ofScenario('scenarios/node-loss on kind', ['scenarios/node-loss', '--provider', 'kind']),
      ...ofBenches(true),
    ],
  },
];

/** @throws FiredrillError where the scenarios cannot be listed */
export async function unitsOf({ name, unitMinutes, units }: Part): Promise<readonly PartUnit[]> {
  return (await units()).map((unit) => ({ ...unit, part: name, guessMs: unitMinutes * 60_000 }));
}

/** A test file is done when all its tests have run: one that was skipped has shown nothing. */
export function outcomeOf({ passed, failed, skipped }: Tally): UnitOutcome {
  if (failed > 0) return { result: 'failed' };
  return { result: skipped > 0 || passed === 0 ? 'skipped' : 'passed' };
}

/** @param subject of its tests only those below this title */
function ofTestFile(file: string, subject?: string): Unit {
  const environment = subject === undefined ? {} : onlyTests(subject);
  return {
    unit: file,
    run: async (signal) =>
      outcomeOf(await nodeTestSuite([join(root, file)], 1, signal, environment, FILE_TIMEOUT_MS)),
  };
}

function onlyTests(pattern: string): NodeJS.ProcessEnv {
  return { NODE_OPTIONS: `"--test-name-pattern=${pattern}"` };
}

function ofSimulation(block: number): Unit {
  const seed = block * SIMULATED_RUNS + 1;
  const environment = {
    ...{ FIREDRILL_SIM_SEED: String(seed), FIREDRILL_SIM_RUNS: String(SIMULATED_RUNS) },
    ...onlyTests('runs of seeded misfortunes|the sound healer passes'),
  };
  const files = testFiles('**/simulation.test.ts', root);
  return {
    ...{ unit: `seeds ${seed} to ${seed + SIMULATED_RUNS - 1}`, seed },
    run: async (signal) => outcomeOf(await nodeTestSuite(files, 1, signal, environment)),
  };
}

function ofScenario(unit: string, args: readonly string[]): Unit {
  return {
    ...{ unit, seed: SEED },
    async run(signal) {
      const { asExpected } = await runOfScenarios([...args, '--seed', String(SEED)], signal);
      return { result: asExpected ? 'passed' : 'failed' };
    },
  };
}

/** File and titles, as `npm test -- --list` prints them. */
async function controlTitles(): Promise<readonly string[]> {
  const args = parseTestArguments(['--control', '--grep', '@control']);
  const env = { ...environmentOf(args, process.env), FIREDRILL_SCENARIOS: '' };
  return (await listScenarios(args, projectIn(root, env), env, new AbortController().signal)).titles;
}

function ofControl(title: string): Unit {
  const words = title.split(' › ');
  const scenario = `scenarios/${basename(words[0] ?? '', '.spec.ts')}`;
  const grep = (words.at(-1) ?? '').replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return ofScenario(title, [scenario, '--control', '--grep', grep]);
}

function ofGoals(seed: number): Unit {
  return {
    ...{ unit: `seed ${seed}`, seed },
    async run(signal) {
      const { asExpected, verdicts } = await runOfScenarios([GOALS, '--seed', String(seed)], signal);
      return {
        result: asExpected ? 'passed' : 'failed',
        figures: finite(valuesByName(recoveriesIn(verdicts))),
      };
    },
  };
}

/** A trial may be too starved to say anything of its users; what the healer did is known all the same. */
function ofPauses(seed: number): Unit {
  const args = ['scenarios/healer-brief-pause', '--repeat-each', String(PAUSES), '--seed', String(seed)];
  return {
    ...{ unit: `seed ${seed}`, seed },
    async run(signal) {
      using _busy = busyPrograms(BUSY);
      const { journals } = await runOfScenarios(args, signal);
      const calls = journals.flatMap((entries) => entriesOf(entries, 'machine'));
      const isFenced = calls.some(({ call }) => call === 'powerOff');
      return { result: journals.length === PAUSES && !isFenced ? 'passed' : 'failed' };
    },
  };
}

function ofBenches(onKind: boolean): readonly Unit[] {
  return benches
    .filter((bench) => (bench.needsKind === true) === onKind && !recoveries.includes(bench))
    .map((bench) => ({
      unit: nameOf(bench),
      async run(signal) {
        const log = (line: string): void => void process.stdout.write(`    ${line}\n`);
        return { result: 'passed', figures: finite(await figuresOf(bench, bench.runs, signal, log)) };
      },
    }));
}

function finite(figures: ReadonlyMap<string, readonly number[]>): NonNullable<UnitOutcome['figures']> {
  const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);
  return Object.fromEntries([...figures].map(([name, values]) => [name, values.map(orNull)]));
}
