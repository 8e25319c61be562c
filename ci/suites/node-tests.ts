import { globSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { run } from 'node:test';
import { inspect } from 'node:util';
import type { SuiteResult, TestTime } from './tally.ts';

const IGNORED = /(^|\/)(node_modules|dist|\.firedrill|reports\/out)(\/|$)/;

/** A test file that hangs fails instead of the whole check; none takes half of this. */
const FILE_TIMEOUT_MS = 600_000;

/** Files under `root` that match the pattern, dependencies and build results left out, in a stable order. */
export function testFiles(pattern: string, root: string): string[] {
  return globSync(pattern, { cwd: root, exclude: (path) => IGNORED.test(path) })
    .filter((path) => !IGNORED.test(path))
    .sort();
}

/**
 * Runs test files of node:test, each in a process of its own, and prints what failed and where. They get a folder for
 * temporary files that is removed afterwards, also after a test that was killed before it could tidy up.
 * @param environment of the test files, besides this process's own
 */
export async function nodeTestSuite(
  files: readonly string[],
  concurrency: number,
  signal: AbortSignal,
  environment: NodeJS.ProcessEnv = {},
): Promise<SuiteResult> {
  const tally = { passed: 0, failed: 0, skipped: 0 };
  if (files.length === 0 || signal.aborted) return tally;
  const times: TestTime[] = [];
  const temporary = mkdtempSync(join(tmpdir(), 'fd-'));
  const stream = run({
    files: files.map((file) => resolve(file)),
    concurrency,
    signal,
    timeout: FILE_TIMEOUT_MS,
    env: { ...process.env, ...environment, TMPDIR: temporary },
  });
  const note = (name: string, file: string | undefined, durationMs: number): void => {
    if (file !== undefined) times.push({ name, file: relative('.', file), seconds: durationMs / 1000 });
  };
  stream.on('test:pass', (event) => {
    if (event.details.type === 'suite') return;
    note(event.name, event.file, event.details.duration_ms);
    if (event.skip !== undefined) {
      tally.skipped++;
      process.stdout.write(`  - skipped: ${event.name}: ${String(event.skip)}\n`);
    } else tally.passed++;
  });
  stream.on('test:fail', (event) => {
    const error = event.details.error;
    // A suite fails with its tests, which are counted; one whose hook or body failed has nobody else to say so.
    if (event.details.type === 'suite' && failureTypeOf(error) === 'subtestsFailed') return;
    tally.failed++;
    note(event.name, event.file, event.details.duration_ms);
    const where = event.file === undefined ? '' : `${relative('.', event.file)}:${event.line ?? 0}`;
    process.stdout.write(`  ✗ ${event.name} (${where})\n`);
    process.stdout.write(`${indent(inspect(error.cause, { colors: false, depth: 6 }))}\n`);
  });
  // What a file needs beside its tests (imports, clusters of its hooks) is a cost like a test's, and no test shows it.
  stream.on('test:summary', ({ file, duration_ms: durationMs }) => {
    if (file === undefined) return;
    const ofTests = times.filter((time) => time.file === relative('.', file));
    const restMs = durationMs - 1000 * ofTests.reduce((sum, { seconds }) => sum + seconds, 0);
    note('start and hooks of the file', file, Math.max(0, restMs));
  });
  const stderrOf = new Map<string, string>();
  stream.on('test:stderr', (event) => {
    stderrOf.set(event.file, ((stderrOf.get(event.file) ?? '') + event.message).slice(-4_000));
  });
  for await (const { type, data } of stream as AsyncIterable<{ type: string; data: { file?: string } }>) {
    const { file = '' } = data;
    const said = type === 'test:fail' ? stderrOf.get(file) : undefined;
    if (said === undefined) continue;
    process.stdout.write(`    ${relative('.', file)} wrote on stderr:\n${indent(said)}\n`);
    stderrOf.delete(file);
  }
  // Whoever runs a test file by itself has nobody who clears up after it.
  for (const name of readdirSync(temporary).filter((each) => each.startsWith('firedrill-'))) {
    tally.failed++;
    process.stdout.write(
      `  ✗ ${name} was left among the temporary files: temporaryDirectory() goes with its test\n`,
    );
  }
  rmSync(temporary, { recursive: true, force: true });
  return { ...tally, times };
}

function failureTypeOf(error: Error): unknown {
  return 'failureType' in error ? error.failureType : undefined;
}

function indent(text: string): string {
  return text.trimEnd().replace(/^/gm, '      ');
}
