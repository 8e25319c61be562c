import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { planOf, type PlannedRun } from './plan.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';

const projectFolder = temporaryDirectory('plan-project');
const scenarioFolder = temporaryDirectory('plan');
writeFileSync(join(scenarioFolder, 'a.spec.ts'), 'one');
const run: PlannedRun = {
  args: { passedOn: [], control: false },
  environment: {},
  titles: ['a › one'],
  scenarioFolder,
  projectFolder,
  seed: 7,
  allowed: { namespaces: ['shop'], nodes: 'pool=drill' },
};
const before = planOf(run);
const changed = (other: Partial<PlannedRun>): string[] => {
  const now = planOf({ ...run, ...other });
  return Object.keys(now).filter((part) => now[part] !== before[part]);
};

test('the same run has the same plan', () => {
  assert.deepEqual(changed({}), []);
  assert.match(before['code'] ?? '', /^[0-9a-f]{64}$/);
  assert.equal(before['limits'], 'namespaces shop, nodes pool=drill');
});

test('each thing that changes what is injected changes its part of the plan, and no other', () => {
  assert.deepEqual(changed({ seed: 8 }), ['seed']);
  assert.deepEqual(changed({ titles: ['a › two'] }), ['trials']);
  assert.deepEqual(changed({ args: { passedOn: ['--repeat-each=3'], control: false } }), ['arguments']);
  assert.deepEqual(changed({ args: { passedOn: [], control: true } }), ['arguments']);
  for (const name of ['USE_HEALER', 'HEALER', 'IMAGES', 'PROMETHEUS', 'ALERTMANAGER', 'MACHINES_URL'])
    assert.deepEqual(changed({ environment: { [`FIREDRILL_${name}`]: 'x' } }), ['options'], name);
  assert.deepEqual(changed({ environment: { NODE_OPTIONS: 'x' } }), ['options']);
  for (const name of ['playwright.config.ts', 'package-lock.json']) {
    writeFileSync(join(projectFolder, name), 'x');
    assert.deepEqual(changed({}), ['project'], name);
    rmSync(join(projectFolder, name));
  }
  // Who runs it, and where their files lie, is other with each person.
  const own = {
    FIREDRILL_CONTEXT: 'x',
    FIREDRILL_APPROVAL: 'x',
    FIREDRILL_MACHINES_TOKEN_FILE: 'x',
    HOME: '/',
  };
  assert.deepEqual(changed({ environment: own }), []);
  assert.deepEqual(changed({ allowed: { namespaces: ['*'] } }), ['limits']);
});

test('a scenario that says something else, or something that it names, is another plan', () => {
  writeFileSync(join(scenarioFolder, 'manifests.yaml'), 'kind: Pod');
  assert.deepEqual(changed({}), ['scenarios']);
  rmSync(join(scenarioFolder, 'manifests.yaml'));
  mkdirSync(join(scenarioFolder, 'reports', 'out'), { recursive: true });
  writeFileSync(join(scenarioFolder, 'reports', 'out', 'old.json'), '{}');
  assert.deepEqual(changed({}), []);
  for (const folder of ['dist', '.hidden', 'reports']) {
    mkdirSync(join(scenarioFolder, folder), { recursive: true });
    writeFileSync(join(scenarioFolder, folder, 'h.ts'), 'imported');
    assert.deepEqual(changed({}), ['scenarios'], folder);
    rmSync(join(scenarioFolder, folder, 'h.ts'));
  }
  const elsewhere = join(projectFolder, 'elsewhere.ts');
  writeFileSync(elsewhere, 'linked');
  symlinkSync(elsewhere, join(scenarioFolder, 'link.ts'));
  assert.deepEqual(changed({}), ['scenarios']);
  rmSync(join(scenarioFolder, 'link.ts'));
  symlinkSync(projectFolder, join(scenarioFolder, 'link'));
  assert.throws(() => changed({}), { code: 'approval.linked-folder' });
  rmSync(join(scenarioFolder, 'link'));
  writeFileSync(join(scenarioFolder, 'a.spec.ts'), 'two');
  assert.deepEqual(changed({}), ['scenarios']);
});

test('what scenarios import from outside of their folder is a part of the plan, however deep, and nothing else from there is', () => {
  const library = join(projectFolder, 'library');
  mkdirSync(library);
  const write = (name: string, text: string): void => writeFileSync(join(library, name), text);
  write('direct.ts', "export { seven } from './deep.ts';\n");
  write('deep.ts', 'export const seven = 7;\n');
  write('unused.ts', '');
  const path = relative(scenarioFolder, join(library, 'direct.ts'));
  writeFileSync(
    join(scenarioFolder, 'a.spec.ts'),
    `import { seven } from '${path}';\nimport 'node:fs';\nimport type { Journal } from '@lib/types';\n`,
  );
  const planned = planOf(run);
  const differing = (): string[] => {
    const now = planOf(run);
    return Object.keys(now).filter((part) => now[part] !== planned[part]);
  };
  write('unused.ts', 'export {};\n');
  assert.deepEqual(differing(), []);
  write('deep.ts', 'export const seven = 8;\n');
  assert.deepEqual(differing(), ['imports']);
});

test('an import whose file is known only when it runs is refused with its place', () => {
  writeFileSync(join(scenarioFolder, 'a.spec.ts'), 'const name = process.argv[2];\nawait import(name);\n');
  assert.throws(() => planOf(run), { code: 'approval.unknown-import', message: /a\.spec\.ts:2/ });
  // As by the paths of a tsconfig.json: a file of ours under the name of a package.
  writeFileSync(
    join(scenarioFolder, 'a.spec.ts'),
    "import { lib } from '@lib/users';\nexport default lib;\n",
  );
  assert.throws(() => planOf(run), {
    code: 'approval.unknown-import',
    message: /a\.spec\.ts: "@lib\/users" is no installed package/,
  });
});
