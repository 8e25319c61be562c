import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sessionOf } from './run-context.ts';

test('two runs of the same second in different folders are two sessions, and all processes of one run are one', () => {
  const run = { runId: '20261130-011918', directory: '/a/reports/out/20261130-011918' };
  assert.equal(sessionOf(run), sessionOf({ ...run }));
  assert.notEqual(sessionOf(run), sessionOf({ ...run, directory: '/b/reports/out/20261130-011918' }));
});
