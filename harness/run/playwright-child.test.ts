import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { userInfo } from 'node:os';
import { identityOf, untilGone } from '../../infra/process/identity.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { runnerEnvironment } from './playwright-child.ts';

const root = temporaryDirectory('runner');
const pids = join(root, 'pids');
const SOURCE = pathToFileURL(join(import.meta.dirname, 'playwright-child.ts')).href;

/** A project whose only scenario tells the pids of its worker and of the runner, and never ends. */
function writeProject(): void {
  symlinkSync(join(import.meta.dirname, '..', '..', 'node_modules'), join(root, 'node_modules'));
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(root, 'playwright.config.ts'), `export default { testDir: 'scenarios', timeout: 0 };`);
  mkdirSync(join(root, 'scenarios'));
  writeFileSync(
    join(root, 'scenarios', 'endless.spec.ts'),
    `import { test } from '@playwright/test';
     import { writeFileSync } from 'node:fs';
     test('endless', async () => {
       writeFileSync(${JSON.stringify(pids)}, process.pid + ' ' + process.ppid + '\\n');
       await new Promise((resolve) => setTimeout(resolve, 600_000));
     });`,
  );
}

test('the test runner has a home also where HOME is empty or unset, without which it does not start', () => {
  const homeIn = (HOME: string | undefined) =>
    runnerEnvironment({ ...(HOME === undefined ? {} : { HOME }), XDG_CACHE_HOME: root })['HOME'];
  assert.deepEqual(
    [homeIn('/h'), homeIn(''), homeIn(undefined)],
    ['/h', userInfo().homedir, userInfo().homedir],
  );
});

for (const [how, path] of [
  ['by the kernel', process.env['PATH'] ?? ''],
  ['by its channel, where there is no setpriv', '/nowhere'],
] as const)
  test(
    `a runner and its worker end with a launcher that was killed, ${how}`,
    { timeout: 30_000 },
    async () => {
      if (!existsSync(join(root, 'scenarios'))) writeProject();
      rmSync(pids, { force: true });
      const code = `import { PlaywrightChild } from ${JSON.stringify(SOURCE)};
      const environment = { ...process.env, PATH: ${JSON.stringify(path)} };
      await (await PlaywrightChild.start([], environment, ${JSON.stringify(root)}, 'ignore')).ended;`;
      const launcher = spawn(process.execPath, ['--input-type=module-typescript', '-e', code], {
        stdio: 'inherit',
      });
      while (!existsSync(pids) || !readFileSync(pids, 'utf8').endsWith('\n')) await delay(50);
      const identities = readFileSync(pids, 'utf8')
        .trim()
        .split(' ')
        .map((pid) => identityOf(Number(pid)));
      launcher.kill('SIGKILL');
      for (const identity of identities) {
        assert.ok(identity);
        await untilGone(identity, 2_000);
      }
    },
  );
