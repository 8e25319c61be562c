/** How an option is written. */
export interface Option {
  /** All of its names; the last is the long one, where there is one. */
  readonly names: readonly string[];
  readonly value: 'none' | 'possible' | 'needed';
}

/** An option as help texts write it: `-g, --grep <grep>` needs a value, `--shuffle [seed]` may have one. */
export function optionOf(written: string): Option {
  const [names = '', value] = written.split(/ (?=[<[])/);
  const need = value?.startsWith('<') === true ? 'needed' : 'possible';
  return { names: names.split(', '), value: value === undefined ? 'none' : need };
}

/** What a run says itself, by the key of a configuration, and why nobody else does: neither there nor on the command line. */
export const SAID_BY_RUN = {
  fullyParallel: 'trials on one cluster run one after another',
  projects: 'a run has one project, and --provider NAME says where it takes place',
  retries: 'a retry would hide a finding',
  timeout: "a trial has its own deadline: test.use({ deadline: '5m' })",
  workers: 'trials on one cluster run one after another',
} as const;

const UI = 'run `npx playwright test --ui` for that';

/** Options of the test runner's that would change the meaning of a verdict, or could do nothing here, and why. */
export const REFUSED: Readonly<Record<string, string>> = {
  '--browser <browser>': "a scenario says it: test.use({ browserName: 'firefox' })",
  '-c, --config <file>':
    'the configuration is ours: use FIREDRILL_SCENARIOS=FOLDER for other scenarios, and test.use({ ... }) in them',
  '--fully-parallel': SAID_BY_RUN.fullyParallel,
  '--no-deps': 'there is one project, and it depends on none',
  '--project <project-name...>': SAID_BY_RUN.projects,
  '--retries <retries>': SAID_BY_RUN.retries,
  '--timeout <timeout>': SAID_BY_RUN.timeout,
  '--ui': UI,
  '--ui-host <host>': UI,
  '--ui-port <port>': UI,
  '-j, --workers <workers>': SAID_BY_RUN.workers,
};

/** Options of the test runner's that it is told as they are. */
export const PASSED_ON: readonly string[] = [
  '--debug [mode]',
  '--fail-on-flaky-tests',
  '--forbid-only',
  '--global-timeout <timeout>',
  '-g, --grep <grep>',
  '-G, --grep-invert <grep>',
  '--headed',
  '--ignore-snapshots',
  '--last-failed',
  '--last-failed-file <file>',
  '--max-failures <N>',
  '--only-changed [ref]',
  '--output <dir>',
  '--pass-with-no-tests',
  '--quiet',
  '--repeat-each <N>',
  '--run-agents <mode>',
  '--shard <shard>',
  '--shuffle [seed]',
  '--test-list <file>',
  '--test-list-invert <file>',
  '--trace <mode>',
  '--tsconfig <path>',
  '-u, --update-snapshots [mode]',
  '--update-source-method <method>',
  '-x',
];

/** Whether an option is among the words that the test runner is told, with a value or without. */
export function isAmong(words: readonly string[], option: string): boolean {
  return words.some((word) => word === option || word.startsWith(`${option}=`));
}

/** The value of an option among the words that the test runner is told; undefined where it has none. */
export function valueAmong(words: readonly string[], option: string): string | undefined {
  const parts = words.flatMap((word) => (word.startsWith('--') ? word.split(/=(.*)/s, 2) : [word]));
  const at = parts.indexOf(option);
  return at === -1 ? undefined : parts[at + 1];
}

/** The reporters that the test runner brings. */
export const BUILT_IN_REPORTERS: readonly string[] = [
  'list',
  'line',
  'dot',
  'failures',
  'json',
  'junit',
  'null',
  'github',
  'html',
  'blob',
  'perfetto',
  'coverage',
];

/** Its reporters report beside ours: a run without ours has no end that we know. */
export const REPORTERS: readonly string[] = ['--add-reporter <reporter>', '--reporter <reporter>'];

/** What values may be, by the long name of their option: the test runner takes others without a word. */
export const VALUES: Readonly<Record<string, readonly [isSound: (text: string) => boolean, what: string]>> = {
  '--global-timeout': [wholeFrom(0), 'no whole number of milliseconds'],
  '--max-failures': [wholeFrom(0), 'no whole number'],
  '--repeat-each': [wholeFrom(1), 'no whole number from 1'],
  '--seed': [wholeFrom(0, 0xffff_ffff), 'no whole number from 0 to 4294967295'],
  '--shard': [isShard, 'not K/N with K from 1 to N'],
  '--shuffle': [wholeFrom(0), 'no whole number, as the seed behind it has to be'],
};

function wholeFrom(least: number, most = Infinity): (text: string) => boolean {
  return (text) => /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most;
}

function isShard(text: string): boolean {
  const [number = 0, of = 0] = text.split('/').map(Number);
  return /^[1-9]\d*\/[1-9]\d*$/.test(text) && number <= of;
}
