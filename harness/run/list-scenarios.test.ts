import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { listScenarios, mayChooseNone } from './list-scenarios.ts';
import { projectIn } from './project.ts';
import { parseTestArguments } from './test-arguments.ts';

// Within the repository: what lies elsewhere is compiled by the test runner, and not loaded by Node.
const kept = join(import.meta.dirname, '..', '..', '.firedrill');
mkdirSync(kept, { recursive: true });
const folder = mkdtempSync(join(kept, 'unloadable-'));
after(() => rmSync(folder, { recursive: true }));

const env = { ...process.env, FIREDRILL_SCENARIOS: folder };
const ours = projectIn(process.cwd(), env);
const list = (argv: readonly string[] = [], project = ours) =>
  listScenarios(
    parseTestArguments(argv),
    project,
    { ...env, FIREDRILL_SCENARIOS: project.scenarioFolder },
    new AbortController().signal,
  );

test('nothing to run is no mistake where only what has changed is asked for, or none is said to be enough', () => {
  const may = (...passedOn: readonly string[]) => mayChooseNone({ passedOn });
  assert.deepEqual(
    [may('--only-changed'), may('--only-changed=main'), may('--pass-with-no-tests')],
    [true, true, true],
  );
  assert.deepEqual([may(), may('--last-failed'), may('-g', 'x')], [false, false, false]);
});

test('what the test runner does not take is a mistake of its user, told in its own words', async () => {
  await assert.rejects(list(['--trace', 'sometimes']), {
    code: 'scenario.no-list',
    message:
      /exit code 1 before it had a list of scenarios: error: option '--trace <mode>' argument 'sometimes' is invalid/,
    userError: true,
  });
});

test('a configuration that says in vain what a run says itself is refused with every key, and what a user has added is none of it', async () => {
  const scenarios = join(folder, 'configured');
  mkdirSync(scenarios);
  writeFileSync(
    join(scenarios, 'added.spec.ts'),
    `import { test } from '${join(import.meta.dirname, '..', 'index.ts')}';
     const more = test.extend({ region: ['north', { option: true }] });
     more.use({ region: 'south' });
     more.describe('again', () => {
       more.describe.configure({ retries: 2 });
       more('plain', () => {});
     });
     try { more.use({ regoin: 'south' } as never); } catch (error) { console.log(String(error)); }`,
  );
  const configuration = join(scenarios, 'playwright.config.ts');
  writeFileSync(
    configuration,
    `import { defineConfig } from '@playwright/test';
     import ours from '${join(import.meta.dirname, '..', '..', 'playwright.config.ts')}';
     export default defineConfig(ours, {
       testDir: '.', workers: 2, fullyParallel: true, retries: 1, timeout: 5000, grepInvert: /slow/, reporter: 'html',
       use: { helaer: 'off', region: 'north', locale: 'de' }, projects: [{ name: 'smoke' }],
     });`,
  );
  const project = { directory: scenarios, configuration, isConfigured: true, scenarioFolder: scenarios };
  await assert.rejects(list([], project), (error: Error & { code?: string; userError?: boolean }) => {
    assert.deepEqual([error.code, error.userError], ['configuration.malformed', true]);
    assert.deepEqual(
      error.message
        .split('\n  ')
        .slice(1)
        .map((line) => line.replace(/(?<=^\w+): .*/, '')),
      [...['projects', 'workers', 'fullyParallel', 'retries', 'timeout', 'grepInvert', 'retries', 'use']],
    );
    assert.match(error.message, /retries: 1: a retry would hide a finding/);
    assert.match(error.message, /projects: "smoke": a run has one project/);
    assert.match(error.message, /use: helaer: there is no such option; did you mean healer\?$/);
    return true;
  });
});

test('a time-out of the test runner in a file of scenarios is refused with its line, before there is a cluster that it would cut off', async () => {
  const scenarios = join(folder, 'timed');
  mkdirSync(scenarios);
  const index = join(import.meta.dirname, '..', 'index.ts');
  const write = (name: string, line: string) =>
    writeFileSync(
      join(scenarios, `${name}.spec.ts`),
      `import { test } from '${index}';\n${line}\ntest('one', () => {});\n`,
    );
  write('configured', 'test.describe.configure({ timeout: 5_000 });');
  write('extended', 'test.extend({}).setTimeout(7_000);');
  write('sound', "test.describe.configure({ mode: 'serial', timeout: 0 });");
  const there = projectIn(process.cwd(), { FIREDRILL_SCENARIOS: scenarios });
  await assert.rejects(list([], there), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'scenario.cannot-load');
    for (const [name, ms] of [
      ['configured', 5000],
      ['extended', 7000],
    ] as const)
      assert.match(
        error.message,
        new RegExp(`timeout: ${ms} ms: a trial has its own deadline.*/${name}\\.spec\\.ts:2\\)`),
      );
    assert.doesNotMatch(error.message, /sound/);
    return true;
  });
});

test('a scenario file that cannot be loaded is named with its line, whatever keeps it from being loaded', async () => {
  for (const [name, source] of [
    ['unparsed', 'import "node:fs";\ntest(\n'],
    ['unresolved', '\nimport { nothing } from "node:fs";\n'],
    ['throwing', '\nthrow new Error("seven");\n'],
  ] as const)
    writeFileSync(join(folder, `${name}.spec.ts`), source);
  writeFileSync(join(folder, 'bare.spec.ts'), "throw 'text';");
  await assert.rejects(list(), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'scenario.cannot-load');
    for (const name of ['unparsed', 'unresolved', 'throwing'])
      assert.match(error.message, new RegExp(`\\(\\S*${basename(folder)}/${name}\\.spec\\.ts:2\\)$`, 'm'));
    assert.match(error.message, /^'text' was thrown, which is no Error \(\S*\/bare\.spec\.ts\)$/m);
    assert.doesNotMatch(error.message, /node:internal|^\s+at /m);
    return true;
  });
});

test('what a scenario says wrongly is told in our words alone, and an import that is not there with what scenarios import', async () => {
  const scenarios = join(folder, 'wrong');
  mkdirSync(scenarios);
  const index = join(import.meta.dirname, '..', 'index.ts');
  const write = (name: string, text: string) => writeFileSync(join(scenarios, `${name}.spec.ts`), text);
  write('a', `import { test } from '${index}';\ntest.use({ worklod: 'storefront' });\n`);
  write('b', "import { test } from '../../nowhere/harness/index.ts';\n");
  const there = projectIn(process.cwd(), { FIREDRILL_SCENARIOS: scenarios });
  await assert.rejects(list([], there), {
    message: /^worklod: there is no such option; did you mean workload/,
    hint: /in a folder of your own they import from 'firedrill'$/,
  });
});

test('which tests need a cluster is known before one is made, however they come to their trial', async () => {
  const scenarios = join(folder, 'mixed');
  mkdirSync(scenarios);
  const index = join(import.meta.dirname, '..', 'index.ts');
  writeFileSync(
    join(scenarios, 'mixed.spec.ts'),
    `import { test } from '${index}';
     import { test as foreign } from '@playwright/test';
     const more = test.extend<{ mine: number; calm: number }>({
       mine: async ({ trial }, use) => use(trial ? 1 : 2),
       calm: async ({}, use) => use(3),
     });
     test.use({ healer: 'off' });
     foreign('plain of the runner', () => {});
     test('plain of ours', ({ options, servers }) => {});
     more('plain with a fixture', ({ calm }) => {});
     test('asks itself', ({ trial }) => {});
     more('asks by a fixture', ({ calm, mine }) => {});
     test.describe('asks by a hook', () => {
       test.beforeEach(({ trial: it }) => {});
       test('of its group', () => {});
     });
     const always = test.extend<{ auto: void }>({
       auto: [async ({ stages }, use) => use(), { auto: true }],
     });
     always('asks always', () => {});`,
  );
  const there = projectIn(process.cwd(), { FIREDRILL_SCENARIOS: scenarios });
  const { titles, trials } = await list([], there);
  const ofFile = (title: string): string => title.replace('mixed.spec.ts › ', '');
  assert.equal(titles.length, 7);
  assert.deepEqual(trials.map(ofFile), [
    ...['asks itself', 'asks by a fixture', 'asks by a hook › of its group', 'asks always'],
  ]);
});
