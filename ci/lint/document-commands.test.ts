import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import manifest from '../../package.json' with { type: 'json' };
import { VERBS } from '../../harness/cli/verbs/catalogue.ts';
import { messageOf } from '../../harness/core/errors.ts';
import { parseTestArguments, TEST_USAGE } from '../../harness/run/test-arguments.ts';
import { commandsOf, DOCUMENTS, isScenario, ROOT, textOf } from '../../harness/testing/documents.ts';

const verbs = await Promise.all(Object.values(VERBS).map((load) => load()));
const helps = new Map(verbs.map(({ name, help }) => [name, help] as const));
/** Programs of the project's own that `npm run` starts, beside the verbs. */
const usages = new Map(
  ['check', 'check-lab', 'check-long', 'bench'].map((name) => {
    const { stdout } = spawnSync(process.execPath, [join(ROOT, 'ci', `${name}.ts`), '--help'], {
      encoding: 'utf8',
    });
    return [name.replace('-', ':'), stdout] as const;
  }),
);

/** What a document tells of programs of others is not for us to judge. */
const OF_OTHERS = /^(?:export|docker|kubectl|go|systemctl|CGO_ENABLED=0)$/;

/** A word in capitals stands for something that the reader chooses. */
const isPlaceholder = (word: string): boolean => /^[A-Z]{2}|\/[A-Z]{2,}/.test(word);

/** The calls of a text's commands: one line may have several. */
function callsIn(text: string): readonly string[] {
  const calls = commandsOf(text).flatMap((command) => command.split(/&&|\$\(|\)/));
  return calls.map((call) => call.trim()).filter((call) => /\w/.test(call));
}

/** Why a command would be refused; undefined where it would not. */
function wrongWith(command: string): string | undefined {
  const [program = '', ...words] = command.split(/\s+/);
  // The form of a command, and not one of them.
  if (command.includes('[')) return undefined;
  if (program === 'firedrill') return wrongVerb(words);
  if (program === 'npx') return words[0] === 'firedrill' ? wrongCall(words.slice(1)) : undefined;
  if (program === 'node') {
    const gone = words.find((word) => word.endsWith('.ts') && !existsSync(join(ROOT, word)));
    return gone === undefined ? undefined : `there is no ${gone}`;
  }
  if (program !== 'npm') return OF_OTHERS.test(program) ? undefined : 'a program that no rule knows';
  const [verb = '', ...rest] = words.filter((word) => word !== '--silent');
  if (['pack', 'install', 'init', 'pkg'].includes(verb)) return undefined;
  if (verb === 'test') return wrongRun(argumentsIn(rest));
  const [script = '', ...given] = rest;
  if (verb !== 'run' || !(script in manifest.scripts)) return 'no script of package.json';
  return script === 'firedrill'
    ? wrongVerb(argumentsIn(given))
    : wrongOption(script, argumentsIn(given), usages.get(script));
}

/** npm keeps what stands before `--` for itself. */
function argumentsIn(words: readonly string[]): readonly string[] {
  if (words.length > 0 && words[0] !== '--')
    throw new Error(`${words.join(' ')}: npm takes these for its own`);
  return words.slice(1);
}

function wrongCall([first = '', ...rest]: readonly string[]): string | undefined {
  return first === 'test' ? wrongRun(rest) : wrongVerb([first, ...rest]);
}

function wrongVerb([verb = '', ...words]: readonly string[]): string | undefined {
  if (isPlaceholder(verb) || verb.startsWith('--')) return undefined;
  const split = words.indexOf('--');
  const own = split === -1 ? words : words.slice(0, split);
  return (
    wrongOption(verb, own, helps.get(verb)) ?? (split === -1 ? undefined : wrongRun(words.slice(split + 1)))
  );
}

function wrongRun(words: readonly string[]): string | undefined {
  const { filters } = parseTestArguments(words);
  const gone = filters.find(
    (filter) => !isPlaceholder(filter) && !isScenario(filter) && filter !== 'scenarios/x.spec.ts',
  );
  return gone === undefined ? undefined : `${gone} is no scenario`;
}

/** Options, and what stands behind them where the help names what can, stand in the help. */
function wrongOption(name: string, words: readonly string[], help: string | undefined): string | undefined {
  if (help === undefined) return `there is no ${name}`;
  const options = words.filter((word) => word.startsWith('--'));
  const parts = words.flatMap((word, at) =>
    /^--(?:suite|part)$/.test(words[at - 1] ?? '') ? word.split(',') : [],
  );
  const benches = name === 'bench' ? words : [];
  const gone = [...options, ...parts, ...benches].find(
    (word) => !isPlaceholder(word) && !new RegExp(`(?<![\\w-])${word}(?![\\w-])`).test(help),
  );
  return gone === undefined ? undefined : `the help of ${name} has no ${gone}`;
}

function refusals(place: string, commands: readonly string[]): readonly string[] {
  return commands.flatMap((command) => {
    try {
      const wrong = wrongWith(command);
      return wrong === undefined ? [] : [`${place}: ${command}: ${wrong}`];
    } catch (error) {
      return [`${place}: ${command}: ${messageOf(error)}`];
    }
  });
}

test('every command of a document would be taken as it stands', () => {
  const commands = DOCUMENTS.map((document) => [document, callsIn(textOf(document))] as const);
  assert.ok(commands.flatMap(([, found]) => found).length > 40);
  assert.deepEqual(
    commands.flatMap(([document, found]) => refusals(document, found)),
    [],
  );
});

test('a command that is none is found: its script, verb, option, suite, scenario, and the -- that npm wants', () => {
  for (const command of [
    'npm run chekc',
    'npm run firedrill -- upp',
    'npm run firedrill -- up --node 3',
    'npm run firedrill up',
    'npm run check -- --suite unti',
    'npm test scenarios/node-loss',
    'npm test -- scenarios/node-lost',
    'npm test -- --sede 7',
    'npx firedrill test --sede 7',
    'npm run firedrill -- approve --key KEY -- --sede 7',
    'npm run bench -- no-figure',
    'rm -r x',
  ])
    assert.equal(refusals('here', [command]).length, 1, command);
});

test('the README lists every verb and no other, and each has --json, as it says', () => {
  const [, listed = ''] =
    /`npm run firedrill -- VERB` +\| `([^`]+)`; each has `--help`, `--json`/.exec(textOf('README.md')) ?? [];
  assert.deepEqual(listed.split(' ').toSorted(), [...helps.keys()].toSorted());
  for (const [name, help] of helps) assert.match(help, /--json/, name);
});

test('a document calls a verb with words as it is typed: firedrill by itself is the name of no program in a clone', () => {
  const told = DOCUMENTS.flatMap((document) => commandsOf(textOf(document)));
  assert.deepEqual(
    told.filter((command) => /^firedrill \S+ \S/.test(command)),
    [],
  );
});

test('every option that a help names is typed by a test of its program, or by a document', () => {
  const tests = globSync('{ci,harness,healers,infra,reports}/**/*.ts', { cwd: ROOT })
    .filter((path) => /\.test\.ts$|\/(testing|meta)\//.test(path))
    .map(textOf);
  const typed = DOCUMENTS.flatMap((document) => commandsOf(textOf(document)));
  const untyped = [...helps, ...usages, ['test', TEST_USAGE] as const].flatMap(([name, help]) => {
    const named = name.replace(':', '[:-]');
    const calls = new RegExp(`['" ]${named}['" .]|\\b${named}\\.run\\(|[(,[] ?${named}[,)]`);
    // What is for npm test is handed on among its words, whoever types them.
    const texts = name === 'test' ? tests : [...tests, ...typed].filter((text) => calls.test(text));
    return [...new Set(help.match(/(?<![\w-])--[a-z][a-z-]+/g))]
      .filter((option) => !texts.some((text) => new RegExp(`${option}(?![\\w-])`).test(text)))
      .map((option) => `${name} ${option}`);
  });
  assert.deepEqual(untyped, []);
});

test('what a help or a hint tells to type is a verb with options that it has', () => {
  const sources = globSync('{harness,healers,infra,reports}/**/*.ts', {
    cwd: ROOT,
    exclude: ['**/*.test.ts', 'reports/out'],
  });
  const texts = [
    ...sources.map((path) => [path, textOf(path)] as const),
    ['npm test -- --help', TEST_USAGE] as const,
  ];
  const told = texts.flatMap(([path, text]) =>
    [...text.matchAll(/(?<![\w-])firedrill ((?:[a-z]+)(?: (?:--[a-z][a-z-]*|[A-Z]{2,}))+)/g)].map(
      ([, words = '']) => [path, `firedrill ${words}`] as const,
    ),
  );
  assert.ok(told.length > 5, `only ${told.length} were found`);
  assert.deepEqual(
    told.flatMap(([path, command]) => refusals(path, [command])),
    [],
  );
});

test('help is had by --help and by -h, of each verb also by help VERB, and what this is by --version', () => {
  const answerTo = (...args: readonly string[]): string =>
    spawnSync(process.execPath, [join(ROOT, 'ci', 'bootstrap.mjs'), ...args], { encoding: 'utf8' }).stdout;
  for (const args of [
    ['up', '-h'],
    ['help', 'up'],
  ])
    assert.equal(answerTo('firedrill', ...args), helps.get('up'));
  const list = answerTo('firedrill', '-h');
  for (const { name, summary } of verbs) assert.ok(list.includes(summary), name);
  assert.equal(answerTo('test', '-h'), TEST_USAGE);
  for (const program of ['firedrill', 'test'])
    assert.equal(answerTo(program, '--version'), `${manifest.version}\n`);
  for (const [name, usage] of usages) assert.match(usage, new RegExp(`^usage: npm run ${name} `));
});
