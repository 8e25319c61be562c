/**
 * The suite `lint`: ESLint over every file that may say something else than when it passed last.
 *
 * ESLint's own cache asks whether a file has changed, and most of our rules ask for types: a function that becomes
 * asynchronous makes its callers wrong, and none of them has changed. So a file's digest takes in all that it imports.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ESLint } from 'eslint';
import { z } from 'zod';
import { dependencyDigests } from './lint/dependency-digests.ts';
import { keep, readKept } from './suites/kept.ts';
import { testFiles } from './suites/node-tests.ts';

const root = join(import.meta.dirname, '..');
const recordFile = join(root, '.firedrill', 'lint-passed.json');
const DIGEST = z.string();
const read = (file: string): string => readFileSync(file, 'utf8');

const eslint = new ESLint({ cwd: root });
const paths: string[] = [];
for (const path of testFiles('**/*.{ts,js,mjs}', root).map((file) => join(root, file)))
  if (!(await eslint.isPathIgnored(path))) paths.push(path);
const sources = new Map(paths.map((path) => [path, read(path)]));
const others = paths.filter((path) => path.endsWith('.d.ts'));
const settings = ['eslint.config.js', 'tsconfig.json', 'package-lock.json'].map((name) => join(root, name));
const digests = dependencyDigests(sources, [...settings, ...others].map(read));
const passed = readKept(recordFile, DIGEST);
const stale = paths.filter((path) => passed[path] !== digests.get(path));

const results = stale.length === 0 ? [] : await eslint.lintFiles(stale);
process.stdout.write(await (await eslint.loadFormatter('stylish')).format(results));
const clean = results.every(({ errorCount, warningCount }) => errorCount + warningCount === 0);
process.stdout.write(
  `  ${stale.length} of ${paths.length} files linted: the others passed as they are, and as all is that they import\n`,
);
if (clean) keep(recordFile, DIGEST, Object.fromEntries(digests));
else process.exitCode = 1;
