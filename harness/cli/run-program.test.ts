import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../testing/temporary-directory.ts';

const directory = temporaryDirectory('run-program');
const ended = join(directory, 'ended-in-order');

/** A program that does this within `runProgram`; its listener for interruptions leaves a file when it has ended in order. */
function start(name: string, body: string, output: 'pipe' | number = 'pipe') {
  const file = join(directory, `${name}.ts`);
  writeFileSync(
    file,
    `import { writeFileSync } from 'node:fs';
    import { once } from 'node:events';
    import { setTimeout as delay } from 'node:timers/promises';
    import { runProgram } from '${join(import.meta.dirname, 'run-program.ts')}';
    import { listenForInterruption } from '${join(import.meta.dirname, '..', 'run', 'interruption.ts')}';
    const inOrder = async () => {
      using interruption = listenForInterruption(() => {});
      const stay = setInterval(() => {}, 1_000);
      await once(interruption.signal, 'abort');
      clearInterval(stay);
      writeFileSync('${ended}', '');
      throw interruption.signal.reason;
    };
    await runProgram(async () => { ${body} });`,
  );
  return spawn(process.execPath, [file], { stdio: ['pipe', output, 'pipe'] });
}

test('an error that nobody has caught ends in order, is told once, and is our own fault: neither violated nor interrupted', async () => {
  for (const [name, wrong] of [
    ['thrown', "setTimeout(() => { throw new Error('nobody caught me'); });"],
    ['rejected', "void Promise.reject(new Error('nobody caught me'));"],
  ] as const) {
    const child = start(name, `${wrong} return await inOrder();`);
    let told = '';
    child.stderr?.on('data', (data) => (told += String(data)));
    assert.deepEqual(await once(child, 'close'), [70, null]);
    assert.deepEqual(told.match(/nobody caught me/g), ['nobody caught me']);
    assert.ok(existsSync(ended));
  }
});

test('an error that nobody has caught, where nothing runs yet that has to end in order, ends at once', async () => {
  const child = start('early', "setTimeout(() => { throw new Error('x'); }); await delay(60_000); return 0;");
  assert.deepEqual(await once(child, 'close'), [70, null]);
});

test('a mistake of the user is bad input, whatever else fails is our own fault', async () => {
  const errors = join(import.meta.dirname, '..', 'core', 'errors.ts');
  const endings = ['arguments.malformed', 'journal.unwritable'].map(async (code) => {
    const body = `throw new (await import('${errors}')).FiredrillError('${code}', 'x');`;
    return (await once(start(code, body), 'close')) as unknown[];
  });
  assert.deepEqual(await Promise.all(endings), [
    [64, null],
    [70, null],
  ]);
});

test('a program goes on to its end where nobody reads what it prints', async () => {
  const body = `for (let line = 0; line < 20; line++) { process.stdout.write('line\\n'); process.stderr.write('line\\n'); await delay(5); }
    return 7;`;
  const child = start('unread', body);
  child.stdout?.destroy();
  child.stderr?.destroy();
  assert.deepEqual(await once(child, 'exit'), [7, null]);
});

test('what could not be printed is no success: a place that is full is told, a reader who has gone is not', async () => {
  const printed = "process.stdout.write('a line\\n'); return 0;";
  const full = openSync('/dev/full', 'w');
  const told = start('full', printed, full);
  let said = '';
  told.stderr?.on('data', (data) => (said += String(data)));
  assert.deepEqual(await once(told, 'close'), [64, null]);
  closeSync(full);
  assert.match(said, /^firedrill: \[cli\.output-lost\] .*ENOSPC.*\n  next: .*\n$/);
  const unread = start('gone', `process.stdin.resume(); await once(process.stdin, 'end'); ${printed}`);
  let silence = '';
  unread.stderr?.on('data', (data) => (silence += String(data)));
  unread.stdout?.destroy();
  unread.stdin?.end();
  assert.deepEqual(await once(unread, 'close'), [141, null]);
  assert.equal(silence, '');
});
