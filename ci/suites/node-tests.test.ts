import assert from 'node:assert/strict';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import {
  addTallies,
  failedIfEmpty,
  verdictLine,
  type SuiteResult,
  type Tally,
  type TestTime,
} from './tally.ts';
import { testFiles } from './node-tests.ts';

const suiteModule = new URL('./node-tests.ts', import.meta.url).href;

/**
 * Runs one test file through the suite in a process of its own, which SIGUSR2 interrupts: node:test does not nest in one
 * process.
 */
function runSuite(source: string, fileTimeoutMs = 60_000): SpawnSyncReturns<string> {
  const directory = temporaryDirectory('check');
  const file = join(directory, 'sample.test.mjs');
  writeFileSync(file, source);
  const runner = join(directory, 'runner.mjs');
  writeFileSync(
    runner,
    `
      const { nodeTestSuite } = await import(${JSON.stringify(suiteModule)});
      const abort = new AbortController();
      process.once('SIGUSR2', () => abort.abort());
      const { signal } = abort;
      const tally = await nodeTestSuite([${JSON.stringify(file)}], 1, signal, {}, ${fileTimeoutMs});
      process.stdout.write('TALLY' + JSON.stringify(tally));`,
  );
  return spawnSync(process.execPath, [runner], { encoding: 'utf8' });
}

function outcomeOf(...sample: Parameters<typeof runSuite>): {
  tally: Tally;
  times: readonly TestTime[];
  output: string;
} {
  const [output = '', tally = 'null'] = runSuite(...sample).stdout.split('TALLY');
  const { times = [], ...counts } = JSON.parse(tally) as SuiteResult;
  return { tally: counts, times, output };
}

test('passed, failed and skipped tests are counted, and the failure is shown', () => {
  const { tally, output } = outcomeOf(`
    import { test } from 'node:test';
    test('good', () => {});
    test('bad', () => { throw new Error('seven is not eight'); });
    test('left out', { skip: 'no reason' }, () => {});`);
  assert.deepEqual(tally, { passed: 1, failed: 1, skipped: 1 });
  assert.match(output, /✗ bad/);
  assert.match(output, /seven is not eight/);
  assert.match(output, /skipped: left out/);
});

test('a test that is expected to fail passes by failing, without a word, and fails by passing', () => {
  const { tally, output } = outcomeOf(`
    import assert from 'node:assert/strict';
    import { test } from 'node:test';
    const expectFailure = assert.AssertionError;
    test('not yet right', { expectFailure }, () => assert.equal(7, 8));
    test('mended', { expectFailure }, () => assert.equal(8, 8));
    test('broken otherwise', { expectFailure }, () => { throw new Error('no such case'); });`);
  assert.deepEqual(tally, { passed: 1, failed: 2, skipped: 0 });
  assert.doesNotMatch(output, /not yet right/);
  assert.match(output, /✗ mended.*\n.*expected to fail but passed/);
  assert.match(output, /✗ broken otherwise[^]*no such case/);
});

test('a test file that crashes before its first test is a failure', () => {
  assert.deepEqual(outcomeOf("throw new Error('no such thing');").tally, {
    passed: 0,
    failed: 1,
    skipped: 0,
  });
});

test('a test file that does not end is killed with what it has started, and has failed', () => {
  for (const source of ['for (;;);', 'setInterval(() => {}, 1_000);']) {
    const { tally, output } = outcomeOf(source, 500);
    assert.deepEqual(tally, { passed: 0, failed: 1, skipped: 0 });
    assert.match(output, /✗ \S*sample\.test\.mjs did not end within 0\.5 s/);
  }
});

test('a child that a test has left holds nothing up, and is gone', () => {
  const startedMs = performance.now();
  const { tally, output } = outcomeOf(`
    import { spawn } from 'node:child_process';
    import { test } from 'node:test';
    test('leaves a child', () => {
      const child = spawn('sleep', ['45'], { stdio: 'inherit' });
      child.unref();
      throw new Error('pid ' + child.pid + ' is left');
    });`);
  assert.ok(performance.now() - startedMs < 30_000);
  assert.equal(tally.failed, 1);
  const [, pid] = /pid (\d+) is left/.exec(output) ?? [];
  assert.ok(pid !== undefined && !existsSync(`/proc/${pid}/exe`), output);
});

test('a test file that ends before its tests do is a failure, and so is one without a test', () => {
  const { tally } = outcomeOf("import { test } from 'node:test'; test('never told', () => process.exit(0));");
  assert.equal(tally.failed, 1);
  assert.equal(outcomeOf('').tally.failed, 1);
});

test('a test file ends with whoever runs it, also by a kill', { timeout: 20_000 }, async () => {
  const pidFile = join(temporaryDirectory('check'), 'pid');
  const { signal } = runSuite(`
    import { writeFileSync } from 'node:fs';
    writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));
    process.kill(process.ppid, 'SIGKILL');
    setInterval(() => {}, 1_000);`);
  assert.equal(signal, 'SIGKILL');
  while (existsSync(`/proc/${readFileSync(pidFile, 'utf8')}/exe`)) await delay(20);
});

test('of a test file that is interrupted only what had ended counts, not what is cancelled then, nor what it leaves', () => {
  const { tally, output } = outcomeOf(`
    import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
    import { tmpdir } from 'node:os';
    import { join } from 'node:path';
    import { after, test } from 'node:test';
    import { setTimeout as delay } from 'node:timers/promises';
    const [, report] = /destination=(.*)/.exec(process.execArgv.join(' '));
    after(() => { throw new Error('not taken down'); });
    test('good', () => {});
    test('bad', () => { throw new Error('seven is not eight'); });
    test('interrupted', async () => {
      mkdtempSync(join(tmpdir(), 'firedrill-left-'));
      const ended = () => existsSync(report) ? readFileSync(report, 'utf8').split('\\n').length - 1 : 0;
      while (ended() < 2) await delay(5);
      process.kill(process.ppid, 'SIGUSR2');
      await delay(60_000);
    });`);
  assert.deepEqual(tally, { passed: 1, failed: 1, skipped: 0 }, output);
  assert.doesNotMatch(output, /interrupted|not taken down|was left/);
});

test('a hook or the body of a suite that fails is a failure, though every test passed', () => {
  const afterFails = outcomeOf(`
    import { after, describe, test } from 'node:test';
    describe('group', () => {
      after(() => { throw new Error('the namespace is still there'); });
      test('good', () => {});
    });`);
  assert.deepEqual(afterFails.tally, { passed: 1, failed: 1, skipped: 0 });
  assert.match(afterFails.output, /the namespace is still there/);

  const fileHookFails = outcomeOf(`
    import { after, test } from 'node:test';
    after(() => { throw new Error('the process is still there'); });
    test('good', () => {});`);
  assert.equal(fileHookFails.tally.failed, 1);

  const bodyFails = outcomeOf(`
    import { describe } from 'node:test';
    describe('group', () => { throw new Error('never ran'); });`);
  assert.equal(bodyFails.tally.failed, 1);
});

test('a suite whose test failed adds nothing of its own', () => {
  const { tally } = outcomeOf(`
    import { describe, test } from 'node:test';
    describe('group', () => { test('bad', () => { throw new Error('no'); }); });`);
  assert.deepEqual(tally, { passed: 0, failed: 1, skipped: 0 });
});

test('temporary files of tests are gone afterwards, and a folder that nobody took away is a failure', () => {
  const { tally, output } = outcomeOf(`
    import { mkdtempSync } from 'node:fs';
    import { tmpdir } from 'node:os';
    import { join } from 'node:path';
    import { test } from 'node:test';
    test('leaves a folder', () => {
      throw new Error('left ' + mkdtempSync(join(tmpdir(), 'firedrill-left-')) + ' behind');
    });`);
  const [, left] = /left (\S+) behind/.exec(output) ?? [];
  assert.ok(left !== undefined && !existsSync(left), output);
  assert.equal(tally.failed, 2, output);
  assert.match(output, /✗ firedrill-left-\w+ was left/);
});

test('every test has its time, and what a file needs beside its tests has one, too', () => {
  const { times } = outcomeOf(`
    import { setTimeout as delay } from 'node:timers/promises';
    import { before, describe, test } from 'node:test';
    describe('group', () => {
      before(() => delay(300));
      test('takes its time', () => delay(200));
      test('quick', () => {});
    });`);
  const secondsOf = (name: string): number => times.find((time) => time.name === name)?.seconds ?? Number.NaN;
  assert.equal(times.length, 3);
  assert.ok(secondsOf('takes its time') >= 0.19, JSON.stringify(times));
  assert.ok(secondsOf('start and hooks of the file') >= 0.29, JSON.stringify(times));
  assert.ok(times.every(({ file }) => file.endsWith('sample.test.mjs')));
});

test('the check reports the sum of its suites on a line of its own', () => {
  const total = addTallies([
    { passed: 3, failed: 0, skipped: 1 },
    { passed: 2, failed: 1, skipped: 0 },
  ]);
  assert.equal(verdictLine(total), '5 passed, 1 failed');
});

test('a suite in which nothing passed or failed is a failure', () => {
  const { failed, output = '' } = failedIfEmpty({ passed: 0, failed: 0, skipped: 3 });
  assert.equal(failed, 1);
  assert.match(output, /nothing has run/);
  const sound = { passed: 1, failed: 0, skipped: 0 };
  assert.equal(failedIfEmpty(sound), sound);
});

test('a check that Node is told to leave tests out of is refused', () => {
  const check = join(import.meta.dirname, '..', 'check.ts');
  for (const NODE_OPTIONS of ['--test-only', '--test-name-pattern=nothing']) {
    const env = { ...process.env, NODE_OPTIONS };
    const { status, stderr } = spawnSync(process.execPath, [check, '--suite', 'none'], {
      encoding: 'utf8',
      env,
    });
    assert.equal(status, 64);
    assert.ok(stderr.startsWith('NODE_OPTIONS chooses'), stderr);
  }
});

test('dependencies are no tests of ours', () => {
  const files = testFiles('**/*.test.ts', process.cwd());
  assert.ok(files.includes('ci/suites/node-tests.test.ts'));
  assert.ok(!files.some((file) => file.includes('node_modules')));
});
