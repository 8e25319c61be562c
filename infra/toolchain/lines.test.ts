import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProgressLines, formatBytes, formatDuration } from './lines.ts';

test('progress is one line per new phase and one per ten seconds of the same', () => {
  let nowMs = 0;
  const lines: string[] = [];
  const report = createProgressLines(
    (text) => lines.push(text.trim()),
    () => nowMs,
  );
  const base = { bundle: 'k6', tools: ['k6'], phase: 'building', elapsedMs: 0 } as const;
  for (nowMs = 0; nowMs < 20_000; nowMs += 1_000)
    report({ ...base, message: `${nowMs}`, fraction: nowMs / 20_000, remainingMs: 20_000 - nowMs });
  assert.deepEqual(lines, [
    'k6            building: 0, about 20 s left',
    'k6            building 50 %: 10000, about 10 s left',
  ]);
});

test('sizes and times are short', () => {
  assert.deepEqual([999, 1_400_000, 2e9].map(formatBytes), ['999 B', '1.4 MB', '2.0 GB']);
  assert.deepEqual([400, 119_000, 121_000].map(formatDuration), ['1 s', '119 s', '3 min']);
});
