import type { ClusterProvider } from '../../infra/cluster.ts';
import { FiredrillError } from '../core/errors.ts';
import { COMMANDS } from '../core/installation.ts';
import { given } from '../core/given.ts';
import { nearestNames } from '../core/nearest.ts';

/** What `npm test` was told. */
export interface TestArguments {
  readonly provider?: string;
  readonly seed?: number;
  readonly control: boolean;
  /** The name of a cluster that is up already and stays up. */
  readonly cluster?: string;
  /** What the provider is told of the cluster; it stands in the environment, where every process of the run finds it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly help: boolean;
  /** Lists the scenarios and runs none. */
  readonly list: boolean;
  /** Which scenarios, as the user wrote it. */
  readonly filters: readonly string[];
  /** What Playwright is told besides the filters, in order. */
  readonly passedOn: readonly string[];
  /** Reporters of Playwright's that report beside ours: a run without ours has no end that we know. */
  readonly reporters: readonly string[];
}

/** Options that say the same as a variable of the environment. */
const VARIABLES: Readonly<Record<string, string>> = {
  '--context': 'FIREDRILL_CONTEXT',
  '--kubeconfig': 'FIREDRILL_KUBECONFIG',
  '--images': 'FIREDRILL_IMAGES',
  '--prometheus': 'FIREDRILL_PROMETHEUS',
  '--alertmanager': 'FIREDRILL_ALERTMANAGER',
  '--engine': 'FIREDRILL_ENGINE',
  '--node-image': 'FIREDRILL_NODE_IMAGE',
  '--kubernetes': 'FIREDRILL_KUBERNETES',
  '--approval': 'FIREDRILL_APPROVAL',
  '--machines': 'FIREDRILL_MACHINES_URL',
  '--machines-ca': 'FIREDRILL_MACHINES_CA_FILE',
  '--machines-token': 'FIREDRILL_MACHINES_TOKEN_FILE',
  '--machines-from-pods': 'FIREDRILL_MACHINES_URL_FROM_PODS',
};
/** Options that mean nothing to a provider that makes its nodes otherwise. */
const NODE_OPTIONS = ['--engine', '--node-image', '--kubernetes'] as const;
const OWN = ['--provider', '--seed', '--control', '--cluster', '--help', ...Object.keys(VARIABLES)];

/** Playwright's options that take a value as the next word. */
const PLAYWRIGHT_VALUE_OPTIONS = new Set([
  '-g',
  '--grep',
  '-G',
  '--grep-invert',
  '--global-timeout',
  '--max-failures',
  '--output',
  '--repeat-each',
  '--shard',
  '--test-list',
  '--test-list-invert',
  '--trace',
  '--tsconfig',
]);
/** Reporters are added to our own: replacing it would lose the verdicts that the exit code counts. */
const REPORTER_OPTIONS = new Set(['--reporter', '--add-reporter']);
const PLAYWRIGHT_FLAGS = new Set([
  '--debug',
  '--fail-on-flaky-tests',
  '--forbid-only',
  '--ignore-snapshots',
  '--list',
  '--no-deps',
  '--only-changed',
  '--pass-with-no-tests',
  '--quiet',
  '-x',
]);
/** What values of Playwright's may be: it takes others without a word, or says nothing that we could show. */
const VALUES: Readonly<Record<string, readonly [RegExp, string]>> = {
  '--repeat-each': [/^[1-9]\d*$/, 'no whole number from 1'],
  '--max-failures': [/^\d+$/, 'no whole number'],
  '--shard': [/^[1-9]\d*\/[1-9]\d*$/, 'not K/N with K from 1 to N'],
};
/** What would change the meaning of a verdict, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  '--config':
    'the configuration is ours: use FIREDRILL_SCENARIOS=FOLDER for other scenarios, and test.use({ ... }) in them',
  '-c': 'the configuration is ours: use FIREDRILL_SCENARIOS=FOLDER for other scenarios, and test.use({ ... }) in them',
  '--project': 'the project follows from the provider: use --provider NAME',
  '--last-failed': 'every run has a folder of its own, and knows of no earlier one: name the scenarios',
  '--last-failed-file': 'every run has a folder of its own, and knows of no earlier one: name the scenarios',
  '--retries': 'a retry would hide a finding',
  '--workers': 'trials on one cluster run one after another',
  '-j': 'trials on one cluster run one after another',
  '--fully-parallel': 'trials on one cluster run one after another',
  '--timeout': "a trial has its own deadline: test.use({ deadline: '5m' })",
  '--ui': 'run `npx playwright test --ui` for that',
};

export const TEST_USAGE = `usage: ${COMMANDS.test} [scenarios/NAME ...] [options]

  --provider NAME     where the cluster comes from (default: the first that works here)
  --seed N            seed of target choice and timing (default: a new one, printed)
  --control           run the controls, too: healer off, no fault
  --cluster NAME      use a cluster that is up already, and leave it up
  --context NAME      which cluster of a kubeconfig, for a provider that takes one that runs already
  --kubeconfig PATH   where the context is described (default: where kubectl looks)
  --images SOURCE     there: preloaded (the nodes have our images), or REGISTRY/PATH to pull them from
  --prometheus NAMESPACE/SERVICE[:PORT], --alertmanager NAMESPACE/SERVICE[:PORT]
                      there: use these in place of our own
  --engine NAME, --node-image IMAGE, --kubernetes VERSION
                      for a provider that makes nodes of containers: by which engine (docker, podman, nerdctl), of which
                      image (with a tag or a digest), or of which version of Kubernetes
  --machines URL, --machines-ca FILE, --machines-token FILE
                      there: the machine interface that switches nodes off and on
  --machines-from-pods URL
                      there: the same as pods reach it, so that it is used when we are gone; none: they do not
  --approval FILE     there: what firedrill approve has written, where the owner asks for it
  --list              list the scenarios, run none
  -g, --grep TEXT     only scenarios whose title matches
  --repeat-each N     run each scenario N times
  --reporter NAME     one of Playwright's reporters, beside ours
  all other options are Playwright's

exit codes: 0 as expected, 1 violated, 2 inconclusive, 64 bad input, 70 our own fault or residue, 130/143 interrupted
`;

/**
 * Takes our own flags out of the arguments of `npm test`; the rest is for Playwright.
 *
 * @throws FiredrillError `arguments.malformed` with every problem at once.
 */
export function parseTestArguments(argv: readonly string[]): TestArguments {
  const problems: string[] = [];
  const filters: string[] = [];
  const passedOn: string[] = [];
  const reporters: string[] = [];
  const own: { provider?: string; seed?: number; cluster?: string } = {};
  const environment: Record<string, string> = {};
  let control = false;
  let help = false;
  let list = false;

  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    const [name, inline] = splitInline(word);
    const value = (): string | undefined => {
      const found = inline ?? argv[++index];
      if (found === undefined || (inline === undefined && found.startsWith('-'))) {
        problems.push(`${name} needs a value`);
        return undefined;
      }
      return found;
    };
    if (!word.startsWith('-')) filters.push(word);
    else if (name === '--provider') Object.assign(own, given({ provider: value() }));
    else if (name === '--cluster') Object.assign(own, given({ cluster: value() }));
    else if (name === '--seed') Object.assign(own, given({ seed: parseSeed(value(), problems) }));
    else if (VARIABLES[name] !== undefined) {
      const found = value();
      if (found !== undefined) environment[VARIABLES[name]] = found;
    } else if (name === '--control') control = true;
    else if (name === '--help' || name === '-h') help = true;
    else if (REPORTER_OPTIONS.has(name)) reporters.push(...(value()?.split(',') ?? []));
    else if (REFUSED[name] !== undefined) {
      problems.push(`${name}: ${REFUSED[name]}`);
      if (inline === undefined && argv[index + 1]?.startsWith('-') === false) index++;
    } else if (PLAYWRIGHT_VALUE_OPTIONS.has(name)) {
      const found = value();
      const [shape, what] = VALUES[name] ?? [];
      const [number = 0, of = number] = (found ?? '').split('/').map(Number);
      if (found !== undefined && shape !== undefined && (!shape.test(found) || number > of))
        problems.push(`${name}: "${found}" is ${what}`);
      if (found !== undefined) passedOn.push(inline === undefined ? name : `${name}=${found}`);
      if (found !== undefined && inline === undefined) passedOn.push(found);
    } else if (PLAYWRIGHT_FLAGS.has(name)) {
      if (name === '--list') list = true;
      else passedOn.push(word);
    } else problems.push(unknownOption(name));
  }
  // On a cluster that we make it would mean nothing, and whoever gives it believes that it does.
  if (environment['FIREDRILL_CONTEXT'] !== undefined && own.provider === undefined)
    problems.push(
      '--context says which cluster is meant, and needs --provider NAME of a provider that takes one',
    );
  for (const option of NODE_OPTIONS)
    if (environment[VARIABLES[option] ?? ''] !== undefined && own.provider === undefined)
      problems.push(
        `${option} is for a provider that makes nodes of containers, and needs its --provider NAME`,
      );
  if (problems.length > 0)
    throw new FiredrillError('arguments.malformed', problems.join('\n'), {
      hint: `${COMMANDS.test} --help lists the options`,
    });
  return { ...own, environment, control, help, list, filters, passedOn, reporters };
}

/**
 * Refuses what was said of a cluster on the command line and the provider does not read: whoever says it believes that it counts.
 * @throws FiredrillError `arguments.malformed`
 */
export function requireRead(
  environment: TestArguments['environment'],
  { name, settings = [] }: Pick<ClusterProvider, 'name' | 'settings'>,
): void {
  // Throw-away servers use the engine beside every provider.
  const read = new Set([...settings, 'FIREDRILL_ENGINE']);
  const unread = optionsOfEnvironment(environment).filter(([option]) => !read.has(VARIABLES[option] ?? ''));
  if (unread.length > 0)
    throw new FiredrillError(
      'arguments.malformed',
      `${unread.map(([option]) => option).join(', ')}: says nothing to the provider ${name}`,
      { hint: 'leave it out, or name another --provider' },
    );
}

/** The environment of a run: what the arguments say, and nothing that an earlier run has set for its own processes. */
export function environmentOf(args: TestArguments, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const outside = Object.entries(environment).filter(([name]) => !/^FIREDRILL_(CONTROL|RUN)$/.test(name));
  return {
    ...Object.fromEntries(outside),
    ...args.environment,
    ...(args.control ? { FIREDRILL_CONTROL: '1' } : {}),
  };
}

/** The options that an environment came from, for a line that repeats the run. */
export function optionsOfEnvironment(environment: TestArguments['environment']): readonly [string, string][] {
  return Object.entries(VARIABLES).flatMap(([option, variable]) => {
    const text = environment[variable];
    return text === undefined ? [] : [[option, text] as [string, string]];
  });
}

function splitInline(word: string): [name: string, value: string | undefined] {
  const equals = word.indexOf('=');
  return word.startsWith('--') && equals > 0
    ? [word.slice(0, equals), word.slice(equals + 1)]
    : [word, undefined];
}

function parseSeed(text: string | undefined, problems: string[]): number | undefined {
  if (text === undefined) return undefined;
  const seed = Number(text);
  if (/^\d+$/.test(text) && seed <= 0xffff_ffff) return seed;
  problems.push(`--seed: "${text}" is no whole number from 0 to 4294967295`);
  return undefined;
}

function unknownOption(name: string): string {
  const near = nearestNames(
    name,
    [...OWN, ...PLAYWRIGHT_VALUE_OPTIONS, ...PLAYWRIGHT_FLAGS, ...REPORTER_OPTIONS],
    1,
  );
  return `${name}: unknown option${near.length > 0 ? `; did you mean ${near.join(' or ')}?` : ''}`;
}
