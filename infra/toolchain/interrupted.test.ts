import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { identityOf, untilGone } from '../process/identity.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

const COMMAND = join(import.meta.dirname, '..', '..', 'harness', 'cli', 'firedrill.ts');

/** A Go whose build starts a compiler, tells both pids, and never ends. */
const ENDLESS_GO = `#!/bin/sh
case "$1" in
  env) echo go1.99.0; exit 0 ;;
  list) exit 0 ;;
esac
sleep 300 &
echo "$$ $!" > pids.new && mv pids.new "$PIDS"
wait
`;

for (const [signal, exitCode] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  test(`${signal} ends "toolchain get" and the compilers of its build`, { timeout: 20_000 }, async () => {
    const folder = temporaryDirectory('interrupted');
    writeFileSync(join(folder, 'go'), ENDLESS_GO, { mode: 0o755 });
    const pids = join(folder, 'pids');
    const command = spawn(process.execPath, [COMMAND, 'toolchain', 'get', 'k6'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...process.env,
        PATH: `${folder}:/usr/bin:/bin`,
        PIDS: pids,
        XDG_CACHE_HOME: folder,
        FIREDRILL_TOOLCHAIN: 'build',
      },
    });
    try {
      while (!existsSync(pids)) await delay(20);
      const built = readFileSync(pids, 'utf8')
        .trim()
        .split(' ')
        .map((pid) => identityOf(Number(pid)));
      const ended = once(command, 'exit');
      command.kill(signal);
      assert.deepEqual(await ended, [exitCode, null]);
      for (const identity of built) {
        assert.ok(identity);
        await untilGone(identity, 1_000);
      }
    } finally {
      command.kill('SIGKILL');
    }
  });
