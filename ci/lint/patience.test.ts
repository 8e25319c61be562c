import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { sourcePaths } from './imports.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** A limit of time as a bare number. */
const BARE = [
  /\b\w*(WITHIN_MS|TIMEOUT_MS)\s*=\s*[1-9]/,
  /\b(timeoutMs|withinMs|\w+WithinMs):\s*[1-9][\d_]*\s*[,;}]/,
  /\bAbortSignal\.timeout\(\s*[1-9]/,
];
/** Where limits are the same on every machine: they belong to what is measured and judged, or two sides agree on them. */
const FIXED = [
  ...['harness/core/', 'harness/faults/', 'harness/fixtures/', 'harness/judge/', 'harness/observe/'],
  ...[
    'harness/load/load-options.ts',
    'harness/run/announce-faults.ts',
    'healers/',
    'infra/agents/',
    'scenarios/',
  ],
  ...[
    'infra/borrowed/hold.ts',
    'infra/providers/existing/kubelet-answer.ts',
    'infra/supervisor/keep-hold.ts',
  ],
];
/** How long a machine needs, although the folder around it has fixed limits. */
const NOT_FIXED = ['healers/deploy/', 'infra/agents/reaper/deploy.ts'];
const OF_TESTS = /\.(test|contract-case)\.ts$|\/(testing|meta)\/|^ci\/bench\//;

function bareLimits(file: string, text: string): readonly string[] {
  const begins = (places: readonly string[]): boolean => places.some((place) => file.startsWith(place));
  if (OF_TESTS.test(file) || (begins(FIXED) && !begins(NOT_FIXED))) return [];
  const lines = text.split('\n').filter((line) => BARE.some((pattern) => pattern.test(line)));
  return lines.map((line) => `${file}: ${line.trim()}`);
}

test('a limit of time that depends on the speed of a machine is stretched by the one factor for that', () => {
  const sources = sourcePaths().map((path) => bareLimits(relative(ROOT, path), readFileSync(path, 'utf8')));
  assert.deepEqual(sources.flat(), []);
});

test('a bare limit is found in whatever form it has', () => {
  for (const line of ['const DOOR_WITHIN_MS = 15_000;', 'const TIMEOUT_MS = 5;', 'f({ timeoutMs: 9 })'])
    assert.equal(bareLimits('infra/kube/wait.ts', line).length, 1, line);
  assert.equal(bareLimits('infra/agents/reaper/deploy.ts', 'AbortSignal.timeout(5)').length, 1);
  assert.equal(bareLimits('infra/kube/wait.ts', 'const DOOR_WITHIN_MS = patient(15_000);').length, 0);
  assert.equal(bareLimits('harness/judge/recover-within.ts', 'const TOLD_WITHIN_MS = 5;').length, 0);
});
