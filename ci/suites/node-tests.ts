import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, globSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { patient } from '../../harness/core/patience.ts';
import { boundToParent } from '../../infra/process/find-program.ts';
import { killGroup } from '../../infra/process/run.ts';
import { makeTemporaryFolder } from '../../infra/process/temporary-folder.ts';
import { endInOrder } from './command.ts';
import type { TestEnd } from './test-events.ts';
import type { SuiteResult, TestTime } from './tally.ts';

const IGNORED = /(^|\/)(node_modules|dist|\.firedrill|reports\/out)(\/|$)/;

/** How long a test file may take before it is ended, and has failed; none takes half of this. */
const FILE_TIMEOUT_MS = patient(600_000);
const REPORTER = join(import.meta.dirname, 'test-events.ts');

/** Files under `root` that match the pattern, dependencies and build results left out, in a stable order. */
export function testFiles(pattern: string, root: string): string[] {
  return globSync(pattern, { cwd: root, exclude: (path) => IGNORED.test(path) })
    .filter((path) => !IGNORED.test(path))
    .sort();
}

/** Tests that need this machine (root, network namespaces, the tool chain) or minutes; each has a suite of its own. */
const SLOW = /\.(real|contract|meta|long)\.test\.ts$/;

/** The test files under `root` that need neither. */
export function unitTests(root: string): string[] {
  return testFiles('**/*.test.ts', root).filter((file) => !SLOW.test(file));
}

/**
 * Runs test files of node:test, each in a process of its own, and prints what failed and where. They get a folder for
 * temporary files that is removed afterwards, also after a test that was killed before it could tidy up. An abort ends the
 * files that run, and only tests count that had ended by then.
 *
 * @param environment of the test files, besides this process's own
 */
export async function nodeTestSuite(
  files: readonly string[],
  concurrency: number,
  signal: AbortSignal,
  environment: NodeJS.ProcessEnv = {},
  fileTimeoutMs = FILE_TIMEOUT_MS,
): Promise<SuiteResult> {
  const tally = { passed: 0, failed: 0, skipped: 0 };
  const isAborted = (): boolean => signal.aborted;
  if (files.length === 0 || isAborted()) return tally;
  const times: TestTime[] = [];
  const temporary = makeTemporaryFolder('fd-');
  // A test file that believes to run below node:test runs nothing.
  const env = { ...process.env, ...environment, NODE_TEST_CONTEXT: undefined, TMPDIR: temporary };
  const runFile = async (file: string): Promise<void> => {
    const startedMs = performance.now();
    const { ends, reason, errors } = await runTestFile(resolve(file), temporary, {
      env,
      signal,
      fileTimeoutMs,
    });
    for (const { result, name, line, seconds, why } of ends) {
      tally[result]++;
      times.push({ name, file: relative('.', file), seconds });
      if (result === 'skipped') process.stdout.write(`  - skipped: ${name}: ${why}\n`);
      if (result === 'failed')
        process.stdout.write(`  ✗ ${name} (${relative('.', file)}:${line})\n${indent(why)}\n`);
    }
    if (reason !== undefined) {
      tally.failed++;
      process.stdout.write(`  ✗ ${relative('.', file)} ${reason}\n`);
    }
    if (errors !== '' && (reason !== undefined || ends.some(({ result }) => result === 'failed')))
      process.stdout.write(`    ${relative('.', file)} wrote on stderr:\n${indent(errors)}\n`);
    // What a file needs beside its tests (imports, clusters of its hooks) is a cost like a test's, and no test shows it.
    const ofTests = ends.reduce((sum, { seconds }) => sum + seconds, 0);
    const seconds = Math.max(0, (performance.now() - startedMs) / 1000 - ofTests);
    times.push({ name: 'start and hooks of the file', file: relative('.', file), seconds });
  };
  const left = files.values();
  const lane = async (): Promise<void> => {
    for (const file of left) if (!isAborted()) await runFile(file);
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  // Whoever runs a test file by itself has nobody who clears up after it.
  const leftBehind = readdirSync(temporary).filter((each) => each.startsWith('firedrill-'));
  for (const name of isAborted() ? [] : leftBehind) {
    tally.failed++;
    process.stdout.write(
      `  ✗ ${name} was left among the temporary files: temporaryDirectory() goes with its test\n`,
    );
  }
  rmSync(temporary, { recursive: true, force: true });
  return { ...tally, times };
}

interface FileRun {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly fileTimeoutMs: number;
}

/**
 * Runs a test file in a process group of its own, which is gone afterwards with all that the file has started in it. It
 * dies with this process; an abort asks it to end in order.
 * @returns How its tests ended, what it wrote last on stderr, and why the file as such has failed
 */
export async function runTestFile(
  file: string,
  folder: string,
  { env, signal, fileTimeoutMs }: FileRun,
): Promise<{ readonly ends: readonly TestEnd[]; readonly errors: string; readonly reason?: string }> {
  const report = join(folder, randomUUID());
  // Into files: whoever inherits a pipe would keep us waiting for its end.
  const errorFile = openSync(`${report}.stderr`, 'a+');
  const options = [`--test-reporter=${REPORTER}`, `--test-reporter-destination=${report}`];
  const child = spawn(...boundToParent(process.execPath, [...options, file]), {
    ...{ env, detached: true },
    stdio: ['pipe', 'ignore', errorFile],
  });
  closeSync(errorFile);
  const killAll = (): void => {
    if (child.pid !== undefined) killGroup(child.pid);
  };
  let linesUntilAbort: readonly string[] | undefined;
  const stop = (): void => {
    linesUntilAbort = wholeLinesIn(report);
    endInOrder(child);
  };
  signal.addEventListener('abort', stop, { once: true });
  const deadline = AbortSignal.timeout(fileTimeoutMs);
  deadline.addEventListener('abort', killAll, { once: true });
  const [code, killedBy] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  signal.removeEventListener('abort', stop);
  deadline.removeEventListener('abort', killAll);
  killAll();
  const told = (linesUntilAbort ?? wholeLinesIn(report)).map((line) => JSON.parse(line) as TestEnd);
  const ends = told.filter(({ name }) => name !== '');
  const errors = readFileSync(`${report}.stderr`, 'utf8').slice(-4_000);
  if (linesUntilAbort !== undefined) return { ends, errors };
  if (deadline.aborted)
    return { ends, errors, reason: `did not end within ${fileTimeoutMs / 1000} s, and was killed` };
  const hasFailed = ends.some(({ result }) => result === 'failed');
  if (told.length === ends.length || (code !== 0 && !hasFailed))
    return { ends, errors, reason: `ended with ${killedBy ?? `code ${code ?? '?'}`} before its tests had` };
  return { ends, errors };
}

/** The lines of a file that may still be written to. */
function wholeLinesIn(path: string): readonly string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
}

function indent(text: string): string {
  return text.trimEnd().replace(/^/gm, '      ');
}
