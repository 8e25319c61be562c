import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

test('what is made for pods is made with a mask of its own: the user who starts a cluster may keep everything to himself', () => {
  const scripts = globSync('*.sh', { cwd: import.meta.dirname });
  assert.ok(scripts.length > 1);
  for (const script of scripts) {
    const text = readFileSync(join(import.meta.dirname, script), 'utf8');
    const commands = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    assert.deepEqual(commands.slice(0, 2), ['set -euo pipefail', 'umask 022'], script);
  }
});
