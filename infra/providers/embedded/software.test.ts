import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runcVersion } from './software.ts';

test("runc's version stands in its first line; any other answer is an error", () => {
  assert.equal(runcVersion('runc version 1.1.5+ds1\ncommit: 1.1.5\nspec: 1.0.2-dev\n'), '1.1.5+ds1');
  assert.throws(() => runcVersion('spec: 1.0.2-dev\n'), { code: 'embedded.no-runc-version' });
});
