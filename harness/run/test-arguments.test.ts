import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { FiredrillError } from '../core/errors.ts';
import { providersOf } from '../../infra/provider.ts';
import { BUILT_IN_REPORTERS, PASSED_ON, REFUSED, REPORTERS } from './runner-options.ts';
import {
  environmentOf,
  optionsOfEnvironment,
  parseTestArguments,
  requireRead,
  TEST_USAGE,
} from './test-arguments.ts';

test('our own flags are taken out, everything else goes to Playwright in order', () => {
  const parsed = parseTestArguments([
    'scenarios/node-loss',
    '--seed',
    '7141',
    '--repeat-each=3',
    '-g',
    'freeze',
    '--cluster=a',
    '--provider',
    'embedded',
    '--control',
    '-x',
  ]);
  assert.deepEqual(parsed, {
    provider: 'embedded',
    seed: 7141,
    cluster: 'a',
    control: true,
    environment: {},
    help: false,
    list: false,
    filters: ['scenarios/node-loss'],
    passedOn: ['--repeat-each=3', '-g', 'freeze', '-x'],
    reporters: [],
  });
});

test('the value of an option is no scenario', () => {
  assert.deepEqual(parseTestArguments(['--grep', 'scenarios/x']).filters, []);
});

test('all problems are told at once', () => {
  assert.throws(
    () => parseTestArguments(['--seed', 'seven', '--retries', '2', '--provider', '--contol']),
    (error) => {
      assert.ok(error instanceof FiredrillError);
      assert.equal(error.userError, true);
      assert.match(error.message, /--seed: "seven" is no whole number/);
      assert.match(error.message, /--retries: a retry would hide a finding/);
      assert.match(error.message, /--provider needs a value/);
      return true;
    },
  );
});

test('a reporter is added to ours, whichever way it is asked for', () => {
  const parsed = parseTestArguments(['--reporter', 'dot', '--add-reporter=json,./mine.ts', '-x']);
  assert.deepEqual([parsed.reporters, parsed.passedOn], [['dot', 'json', './mine.ts'], ['-x']]);
});

test('another configuration is refused with the way to other scenarios', () => {
  for (const args of [['-c', 'x.ts'], ['--config=x.ts']])
    assert.throws(() => parseTestArguments(args), /the configuration is ours: use FIREDRILL_SCENARIOS/);
});

test('a mistyped option names the nearest one', () => {
  assert.throws(() => parseTestArguments(['--contol']), /--contol: unknown option; did you mean --control\?/);
});

test('what would change the meaning of a verdict is refused', () => {
  for (const option of ['--retries=1', '--workers=2', '--timeout=5', '--project=kind', '-j'])
    assert.throws(() => parseTestArguments([option]), FiredrillError, option);
});

test('a number that Playwright would take for another, or refuse unheard, is refused', () => {
  for (const option of ['--repeat-each', '--max-failures', '--shard'])
    for (const value of ['1.5', 'x', '3/2', '0/2', ''])
      assert.throws(
        () => parseTestArguments([`${option}=${value}`]),
        new RegExp(`${option}: "${value}" is no`),
      );
  assert.throws(() => parseTestArguments(['--repeat-each=0']), /no whole number from 1/);
  const sound = ['--repeat-each=2', '--max-failures', '0', '--shard', '2/2'];
  assert.deepEqual(parseTestArguments(sound).passedOn, sound);
});

test('every option that the help of the test runner lists is passed on or refused by name, and takes a value as it says there', () => {
  const cli = createRequire(import.meta.url).resolve('@playwright/test/cli');
  const { stdout } = spawnSync(process.execPath, [cli, 'test', '--help'], { encoding: 'utf8' });
  const listed = [...stdout.matchAll(/^  (-[^\s,]+(?:, --\S+)?(?: [<[]\S+[>\]])?)(?=\s)/gm)].map(
    ([, written]) => written,
  );
  const known = [...PASSED_ON, ...REPORTERS, ...Object.keys(REFUSED), '--list', '-h, --help'];
  assert.deepEqual(listed.toSorted(), known.toSorted());
  const [, reporters = ''] =
    / --reporter <reporter> [^(]*can be ([^(]*) \(default/.exec(stdout.replaceAll(/\s+/g, ' ')) ?? [];
  assert.deepEqual(reporters.replaceAll('"', '').split(', '), BUILT_IN_REPORTERS);
});

test('a value is taken in every way in which the test runner takes it, and --shuffle and --only-changed may have one', () => {
  const passed = (...argv: readonly string[]) => {
    const { passedOn, filters } = parseTestArguments(argv);
    return [passedOn, filters];
  };
  assert.deepEqual(passed('-gnode', 'x'), [['-g', 'node'], ['x']]);
  assert.deepEqual(passed('-g=node', '-u', 'all'), [['-g', 'node', '-u', 'all'], []]);
  assert.deepEqual(passed('--only-changed', 'main', '--shuffle=7'), [
    ['--only-changed', 'main', '--shuffle=7'],
    [],
  ]);
  assert.deepEqual(passed('x', '--only-changed', '-x', '--shuffle'), [
    ['--only-changed', '-x', '--shuffle'],
    ['x'],
  ]);
  assert.deepEqual(passed('--grep=-x=y'), [['--grep=-x=y'], []]);
});

test('a value that an option does not take, or lacks, is refused: --flag=false would count as the flag', () => {
  for (const [words, problem] of [
    ['--control=false', /--control takes no value, and is given "false"/],
    ['--list=0', /--list takes no value/],
    ['--quiet=', /--quiet takes no value/],
    ['--only-changed=', /--only-changed needs a value/],
    ['-g', /-g needs a value/],
    ['--provider=', /--provider needs a value/],
    ['-j4', /-j: trials on one cluster run one after another/],
    ['--shuffle scenarios/x', /--shuffle: "scenarios\/x" is no whole number/],
    ['--global-timeout 5m', /--global-timeout: "5m" is no whole number of milliseconds/],
    ['x -- y', /--: what stands behind it would reach nobody/],
  ] as const)
    assert.throws(() => parseTestArguments(words.split(' ')), {
      code: 'arguments.malformed',
      message: problem,
    });
});

test('an option that takes one value is refused when it is given twice, by whichever of its names; reporters add up', () => {
  for (const words of ['--seed 1 --seed=2', '-g a --grep b', '--context a --context a --provider existing'])
    assert.throws(() => parseTestArguments(words.split(' ')), {
      code: 'arguments.malformed',
      message: /is given twice, and only one of its values would count/,
    });
  assert.equal(parseTestArguments(['-x', '-x', '--list', '--list']).list, true);
});

test('the -- before all options is that of a package manager which hands it on', () => {
  assert.deepEqual(parseTestArguments(['--', '--list', 'x']).list, true);
});

test('what the cluster is made of is not said of one that is up', () => {
  for (const option of ['--kubernetes', '--node-image'])
    assert.throws(
      () => parseTestArguments(['--provider', 'kind', '--cluster', 'a', option, 'v1.30.0']),
      new RegExp(`${option} says what nodes are made of, and those of --cluster a are up already`),
    );
});

test('controls run when this command says so, whatever the environment says', () => {
  const outside = { FIREDRILL_CONTROL: '1', FIREDRILL_RUN: '{}', OTHER: 'x' };
  assert.deepEqual(environmentOf(parseTestArguments([]), outside), { OTHER: 'x' });
  assert.deepEqual(environmentOf(parseTestArguments(['--control']), { FIREDRILL_CONTROL: '0' }), {
    FIREDRILL_CONTROL: '1',
  });
});

test('what the command line says goes before what the environment says', () => {
  const args = parseTestArguments(['--provider', 'existing', '--context', 'staging']);
  assert.deepEqual(environmentOf(args, { FIREDRILL_CONTEXT: 'production' }), {
    FIREDRILL_CONTEXT: 'staging',
  });
});

test('a seed outside 32 bits is refused', () => {
  assert.throws(() => parseTestArguments(['--seed=4294967296']), /no whole number from 0 to 4294967295/);
  assert.equal(parseTestArguments(['--seed=4294967295']).seed, 4294967295);
});

test('what is said of a cluster that exists goes into the environment, and a context without its provider is refused', () => {
  const { environment, provider } = parseTestArguments([
    '--provider=existing',
    '--context',
    'staging',
    '--images=preloaded',
  ]);
  assert.equal(provider, 'existing');
  assert.deepEqual(environment, { FIREDRILL_CONTEXT: 'staging', FIREDRILL_IMAGES: 'preloaded' });
  assert.deepEqual(optionsOfEnvironment(environment), [
    ['--context', 'staging'],
    ['--images', 'preloaded'],
  ]);
  assert.throws(() => parseTestArguments(['--context', 'staging']), /needs --provider NAME/);
});

test('what nodes are made of is said to the environment, and only with the provider that it is for', () => {
  const args = ['--provider', 'kind', '--node-image=registry/node:v1', '--engine', 'podman'];
  assert.deepEqual(parseTestArguments(args).environment, {
    FIREDRILL_NODE_IMAGE: 'registry/node:v1',
    FIREDRILL_ENGINE: 'podman',
  });
  assert.throws(
    () => parseTestArguments(['--kubernetes', 'v1.36.3', '--engine', 'podman']),
    (error) =>
      error instanceof FiredrillError &&
      /--engine is for .*--provider/.test(error.message) &&
      /--kubernetes is for/.test(error.message),
  );
});

test('an option that the provider of the run does not read is refused, and every option is told by a variable of its own, which some provider reads', () => {
  const environment = {
    FIREDRILL_MACHINES_URL: 'https://bmc',
    FIREDRILL_IMAGES: 'preloaded',
    FIREDRILL_ENGINE: 'docker',
  };
  const [embedded, kind, existing] = providersOf({});
  assert.throws(() => requireRead(environment, embedded!), {
    code: 'arguments.malformed',
    message: '--images, --machines: says nothing to the provider embedded',
  });
  assert.throws(
    () => requireRead(environment, kind!),
    /--images, --machines: says nothing to the provider kind/,
  );
  assert.doesNotThrow(() => requireRead(environment, existing!));
  const options = [...TEST_USAGE.matchAll(/--[a-z-]+(?= [A-Z])/g)].flatMap(([option]) => {
    const where = option === '--provider' ? [] : ['--provider', 'existing'];
    const { environment: said } = parseTestArguments([option, '1', ...where]);
    const [variable] = Object.keys(said);
    // A variable has the words of its option.
    for (const word of variable === undefined ? [] : option.toUpperCase().slice(2).split('-'))
      assert.ok(variable?.split('_').includes(word), `${option} is told as ${variable}`);
    return variable === undefined ? [] : [said];
  });
  assert.equal(new Set(options.flatMap(Object.keys)).size, 13);
  const all = { name: 'all', settings: [...kind!.settings!, ...existing!.settings!] };
  for (const said of options) assert.doesNotThrow(() => requireRead(said, all));
});
