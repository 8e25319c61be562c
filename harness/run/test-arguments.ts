import type { ClusterProvider } from '../../infra/cluster.ts';
import { FiredrillError } from '../core/errors.ts';
import { COMMANDS } from '../core/installation.ts';
import { given, givenTwice } from '../core/given.ts';
import { nearestNames } from '../core/nearest.ts';
import { optionOf, PASSED_ON, REFUSED, REPORTERS, VALUES, type Option } from './runner-options.ts';

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
/** They say what nodes are made of, which is settled where a cluster is up. */
const OF_NEW_NODES = ['--node-image', '--kubernetes'];

const OPTIONS: readonly Option[] = [
  ...['--provider <NAME>', '--seed <N>', '--cluster <NAME>', '--control', '--list', '-h, --help'],
  ...Object.keys(VARIABLES).map((name) => `${name} <VALUE>`),
  ...[...PASSED_ON, ...REPORTERS, ...Object.keys(REFUSED)],
].map(optionOf);
const BY_NAME = new Map(OPTIONS.flatMap((option) => option.names.map((name) => [name, option] as const)));
/** The option under the last of its names. */
const keyOf = (written: string): string => optionOf(written).names.at(-1) ?? written;
const WHY_REFUSED = new Map(Object.entries(REFUSED).map(([written, why]) => [keyOf(written), why]));
const IS_PASSED_ON = new Set(PASSED_ON.map(keyOf));
const IS_REPORTER = new Set(REPORTERS.map(keyOf));
/** Every option that there is, by all of its names. */
export const TEST_OPTIONS: readonly string[] = [...BY_NAME.keys()];

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
  --last-failed       only what failed in the last run that came to its end here
  --only-changed [REF]
                      only files that have changed since the commit REF, or since the last one
  --reporter NAME     one of Playwright's reporters, beside ours
  all other options of Playwright's are passed on, or refused with the reason

exit codes: 0 as expected, 1 violated or a plain test failed, 2 inconclusive, 64 bad input, 70 our own fault or residue, 130/143 interrupted
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
  const own = new Map<string, string>();
  const valued = new Set<string>();

  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    // npm takes the `--` before our options away, pnpm hands it on.
    if (word === '--' && index === 0) continue;
    if (!word.startsWith('-')) {
      filters.push(word);
      continue;
    }
    const { name, option, inline } = splitWord(word);
    if (option === undefined) {
      problems.push(unknownOption(name));
      continue;
    }
    const next = argv[index + 1];
    const isNext = option.value !== 'none' && inline === undefined && next?.startsWith('-') === false;
    if (isNext) index++;
    const value = isNext ? next : inline;
    const key = option.names.at(-1) ?? name;
    const isSecond = valued.has(key) && !IS_REPORTER.has(key);
    const problem = isSecond ? givenTwice(name) : problemOf(option, name, key, value);
    if (value !== undefined) valued.add(key);
    if (problem !== undefined) problems.push(problem);
    else if (IS_REPORTER.has(key)) reporters.push(...(value ?? '').split(','));
    else if (!IS_PASSED_ON.has(key)) own.set(key, value ?? '');
    // To the test runner the equals sign of `-g=TEXT` is a part of the text.
    else
      passedOn.push(...(value === undefined || (word.startsWith('--') && !isNext) ? [word] : [name, value]));
  }
  problems.push(...misplaced(own));
  if (problems.length > 0)
    throw new FiredrillError('arguments.malformed', problems.join('\n'), {
      hint: `${COMMANDS.test} --help lists the options`,
    });
  const seed = own.get('--seed');
  const environment = Object.fromEntries(
    Object.entries(VARIABLES).flatMap(([option, variable]) => {
      const value = own.get(option);
      return value === undefined ? [] : [[variable, value] as const];
    }),
  );
  return {
    ...given({ provider: own.get('--provider'), cluster: own.get('--cluster') }),
    ...given({ seed: seed === undefined ? undefined : Number(seed) }),
    environment,
    control: own.has('--control'),
    help: own.has('--help'),
    list: own.has('--list'),
    filters,
    passedOn,
    reporters,
  };
}

/** The option that a word begins with, and the value that is written into the same word: `--seed=7`, `-g=TEXT` or `-gTEXT`. */
function splitWord(word: string): { name: string; option: Option | undefined; inline: string | undefined } {
  const [, long = '', text] = /^(--[^=]+)(?:=(.*))?$/s.exec(word) ?? [];
  if (long !== '') return { name: long, option: BY_NAME.get(long), inline: text };
  const short = BY_NAME.get(word.slice(0, 2));
  if (short === undefined || word.length === 2 || short.value === 'none')
    return { name: word, option: BY_NAME.get(word), inline: undefined };
  return { name: word.slice(0, 2), option: short, inline: word.slice(2).replace(/^=/, '') };
}

/** Why an option is not taken with this value. */
function problemOf(option: Option, name: string, key: string, value: string | undefined): string | undefined {
  const why = WHY_REFUSED.get(key);
  if (why !== undefined) return `${name}: ${why}`;
  if (option.value === 'none')
    return value === undefined ? undefined : `${name} takes no value, and is given "${value}"`;
  const [isSound, what] = VALUES[key] ?? [];
  if (value !== undefined && isSound !== undefined)
    return isSound(value) ? undefined : `${name}: "${value}" is ${what}`;
  const isMissing = value === '' || (value === undefined && option.value === 'needed');
  return isMissing ? `${name} needs a value` : undefined;
}

/** What would count for nothing beside the other options, and whoever gives it believes that it counts. */
function misplaced(own: ReadonlyMap<string, string>): readonly string[] {
  const ofCluster = Object.keys(VARIABLES).filter((option) => own.has(option));
  if (!own.has('--provider'))
    return ofCluster.map(
      (option) => `${option} is for some providers only, and needs --provider NAME of one that reads it`,
    );
  if (!own.has('--cluster')) return [];
  return ofCluster
    .filter((option) => OF_NEW_NODES.includes(option))
    .map(
      (option) =>
        `${option} says what nodes are made of, and those of --cluster ${own.get('--cluster')} are up already`,
    );
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

/** What a variable is called on the command line, as whoever has set either of them knows it. */
export function optionOfVariable(name: string): string {
  const [option] = Object.entries(VARIABLES).find(([, variable]) => variable === name) ?? [];
  return option === undefined ? name : `${option} (${name})`;
}

/** The options that an environment came from, for a line that repeats the run. */
export function optionsOfEnvironment(environment: TestArguments['environment']): readonly [string, string][] {
  return Object.entries(VARIABLES).flatMap(([option, variable]) => {
    const text = environment[variable];
    return text === undefined ? [] : [[option, text] as [string, string]];
  });
}

function unknownOption(name: string): string {
  if (name === '--') return '--: what stands behind it would reach nobody: leave it out';
  const near = nearestNames(name, TEST_OPTIONS, 1);
  return `${name}: unknown option${near.length > 0 ? `; did you mean ${near.join(' or ')}?` : ''}`;
}
