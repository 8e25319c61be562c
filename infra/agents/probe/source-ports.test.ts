import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SourcePorts } from './source-ports.ts';

const TABLE_KEEPS_MS = 120_000;

test('no port comes back while the connection table may still know it, at 20 requests a second to 10 targets', () => {
  const ports = new SourcePorts(Date.parse('2026-01-01'));
  const seen = new Set(Array.from({ length: (TABLE_KEEPS_MS / 1000) * 200 }, () => ports.take()));
  assert.equal(seen.size, (TABLE_KEEPS_MS / 1000) * 200);
  for (const port of seen) assert.ok(port >= 16_384 && port <= 65_535, String(port));
});

test('a process that starts again goes on after the ports of the one before', () => {
  const startMs = 1_000_000;
  const before = new SourcePorts(startMs);
  const used = new Set(Array.from({ length: 20 * 60 }, () => before.take()));
  const after = new SourcePorts(startMs + 60_000);
  for (let count = 0; count < 1_000; count++) assert.ok(!used.has(after.take()));
});
