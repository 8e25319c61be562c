import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { bundleService } from './bundle.ts';
import type { ServiceSource } from './definition.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

/** A small project with a package; `bundle` makes its main.ts one file, `run` runs that. */
function project(files: Readonly<Record<string, string>>) {
  const root = temporaryDirectory('bundle');
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write('package.json', '{"type":"module"}');
  for (const [path, text] of Object.entries(files)) write(path, text);
  const directory = join(root, 'cache');
  const bundle = (source: Partial<ServiceSource> = {}): Buffer =>
    Buffer.from(bundleService({ entry: join(root, 'main.ts'), packages: [], ...source }, directory));
  const run = (code: Uint8Array): string => {
    write('run.cjs', Buffer.from(code).toString());
    return execFileSync(process.execPath, [join(root, 'run.cjs')], { encoding: 'utf8' });
  };
  const notes = (): string[] =>
    readdirSync(join(directory, 'bundles')).filter((name) => name.endsWith('.json'));
  return { root, directory, write, bundle, run, notes };
}

const TWO_FILES = {
  'main.ts': `import { greet, type Who } from './greet.ts'; const who: Who = { name: 'you' }; console.log(greet(who));`,
  'greet.ts': `export interface Who { readonly name: string } export const greet = (who: Who): string => 'hello ' + who.name;`,
};
const COUNTER = {
  'node_modules/counter/package.json': '{"name":"counter","version":"1.0.0","dependencies":{"adder":"1"}}',
  'node_modules/counter/index.js': `const add = require('adder'); module.exports = (n) => add(n, 1);`,
  'node_modules/adder/package.json': '{"name":"adder","version":"1.0.0"}',
  'node_modules/adder/index.js': 'module.exports = (a, b) => a + b;',
  'main.ts': `import count from 'counter'; console.log(count(41));`,
};

test('one file does what many did', () => {
  const { bundle, run } = project(TWO_FILES);
  assert.equal(run(bundle()), 'hello you\n');
});

test('a bundle is taken from the cache until any of its sources changes', () => {
  const { bundle, run, write, directory, notes } = project(TWO_FILES);
  bundle();
  const made = statSync(join(directory, 'bundles', notes()[0]!)).ino;
  bundle();
  assert.equal(statSync(join(directory, 'bundles', notes()[0]!)).ino, made);
  write(
    'greet.ts',
    `export interface Who { name: string } export const greet = (who: Who): string => 'bye ' + who.name;`,
  );
  assert.equal(run(bundle()), 'bye you\n');
});

test('a listed package comes along with what it needs; one that is not listed is refused', () => {
  const { bundle, run } = project(COUNTER);
  assert.equal(run(bundle({ packages: ['counter'] })), '42\n');
  assert.throws(() => bundle(), {
    code: 'images.package-not-listed',
    message: /brings the packages adder, counter/,
  });
});

test('types of a package cost nothing', () => {
  const { bundle } = project({
    ...COUNTER,
    'main.ts': `import type count from 'counter'; export type C = typeof count;`,
  });
  assert.doesNotMatch(bundle().toString(), /adder/);
});

test('what CommonJS cannot do is an error at build time, with the place, not a service that does nothing', () => {
  const { bundle, write } = project({ 'main.ts': `await Promise.resolve();` });
  assert.throws(() => bundle(), { code: 'images.bundle-failed', message: /Top-level await.*main\.ts:1/ });
  write('main.ts', `if (import.meta.main) console.log('on');`);
  assert.throws(() => bundle(), { code: 'images.bundle-failed', message: /import\.meta/ });
  write('main.ts', `import './nowhere.ts';`);
  assert.throws(() => bundle(), { code: 'images.bundle-failed', message: /nowhere\.ts/ });
});

test('where only compiled sources are, main.ts means main.js', () => {
  const { bundle, run, root } = project({ 'lib/main.js': `console.log('compiled');` });
  assert.equal(run(bundle({ entry: join(root, 'lib/main.ts') })), 'compiled\n');
  assert.throws(() => bundle({ entry: join(root, 'lib/other.ts') }), { code: 'images.source-missing' });
});

test('in an installed package, the packages beside it have to be listed, too', () => {
  const { bundle, run, root } = project({
    ...COUNTER,
    'node_modules/service/package.json': '{"name":"service","type":"module"}',
    'node_modules/service/dist/main.js': `import count from 'counter'; console.log(count(41));`,
  });
  const entry = join(root, 'node_modules/service/dist/main.ts');
  assert.throws(() => bundle({ entry }), { code: 'images.package-not-listed', message: /adder, counter/ });
  assert.equal(run(bundle({ entry, packages: ['counter'] })), '42\n');
});
