import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs, { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { SimClock } from '../testing/simulation/sim-clock.ts';
import { verifyChain } from './audit-chain.ts';
import { AuditFile } from './audit-file.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

const run = promisify(execFile);

function open(path: string, maxBytes?: number): AuditFile {
  return new AuditFile({
    path,
    clock: new SimClock(),
    pod: 'healer-a',
    bootId: 'boot',
    ...(maxBytes === undefined ? {} : { maxBytes }),
  });
}

function written(lines = 5): { path: string; texts: string[] } {
  const path = join(temporaryDirectory('audit'), 'deep', 'audit.jsonl');
  const audit = open(path);
  for (let number = 0; number < lines; number++) {
    audit.record({ event: 'acted', subject: 'node/a', detail: `line ${number}` }, { durable: number === 0 });
  }
  audit.close();
  return { path, texts: readFileSync(path, 'utf8').trimEnd().split('\n') };
}

test('an untouched file is whole', () => {
  const { texts } = written();
  const finding = verifyChain(texts);
  assert.equal(finding.ok, true);
  assert.equal('lines' in finding && finding.lines, 5);
});

test('a changed line is found', () => {
  const { texts } = written();
  texts[2] = texts[2]!.replace('line 2', 'line 9');
  assert.deepEqual(verifyChain(texts), {
    ok: false,
    lineNumber: 3,
    problem: 'changed: its text does not match its hash',
  });
});

test('a removed line is found', () => {
  const { texts } = written();
  texts.splice(2, 1);
  const finding = verifyChain(texts);
  assert.equal(!finding.ok && finding.lineNumber, 3);
});

test('an inserted line is found, even a copy', () => {
  const { texts } = written();
  texts.splice(3, 0, texts[2]!);
  const finding = verifyChain(texts);
  assert.equal(!finding.ok && finding.lineNumber, 4);
});

test('swapped lines are found', () => {
  const { texts } = written();
  [texts[1], texts[2]] = [texts[2]!, texts[1]!];
  assert.equal(verifyChain(texts).ok, false);
});

test('lines cut off at the end are found by the last hash, kept elsewhere', () => {
  const { texts } = written();
  const whole = verifyChain(texts);
  assert.ok(whole.ok);
  assert.equal(verifyChain(texts.slice(0, 4), { lastHash: whole.lastHash }).ok, false);
});

test('a restart goes on in the same chain', () => {
  const { path } = written(3);
  const audit = open(path);
  assert.equal(audit.record({ event: 'leader', subject: 'healer', detail: 'again' }).seq, 3);
  assert.equal(audit.linesFrom(2).length, 2);
  audit.close();
  const finding = verifyChain(readFileSync(path, 'utf8').trimEnd().split('\n'));
  assert.equal(finding.ok && finding.lines, 4);
});

test('a line half written by a crash is cut off at the restart', () => {
  const { path } = written(3);
  appendFileSync(path, '{"seq":3,"wallMs":1,"det');
  const audit = open(path);
  audit.record({ event: 'leader', subject: 'healer', detail: 'again' });
  audit.close();
  const finding = verifyChain(readFileSync(path, 'utf8').trimEnd().split('\n'));
  assert.equal(finding.ok && finding.lines, 4);
});

test('a damaged file is kept as evidence, and a new one begun', () => {
  const { path, texts } = written(3);
  texts[1] = texts[1]!.replace('line 1', 'line X');
  writeFileSync(path, `${texts.join('\n')}\n`);
  const audit = open(path);
  assert.equal(audit.record({ event: 'leader', subject: 'healer', detail: 'anew' }).seq, 0);
  audit.close();
  assert.ok(existsSync(`${path}.damaged-1`));
});

test('a line of which a full disk took a part leaves nothing, and the chain goes on when there is room', (t) => {
  const { path } = written(3);
  const audit = open(path);
  const record = (detail: string) => audit.record({ event: 'acted', subject: 'node/a', detail });
  t.mock.method(fs, 'writeFileSync', (descriptor: number, text: string) => {
    fs.writeSync(descriptor, text.slice(0, 20));
    throw new Error('ENOSPC: no space left on device, write');
  });
  syncBuiltinESMExports();
  assert.throws(() => record('lost'), /ENOSPC/);
  t.mock.restoreAll();
  syncBuiltinESMExports();
  assert.equal(record('kept').seq, 3);
  audit.close();
  const finding = verifyChain(readFileSync(path, 'utf8').trimEnd().split('\n'));
  assert.deepEqual([finding.ok, 'lines' in finding && finding.lines], [true, 4]);
});

test('a full file makes room and the chain goes on over both', () => {
  const { path } = written(0);
  const audit = open(path, 2000);
  for (let number = 0; number < 12; number++)
    audit.record({ event: 'acted', subject: 'node/a', detail: `line ${number}` });
  audit.close();
  const older = readFileSync(`${path}.1`, 'utf8').trimEnd().split('\n');
  const newer = readFileSync(path, 'utf8').trimEnd().split('\n');
  const finding = verifyChain([...older, ...newer]);
  assert.equal(finding.ok, true, JSON.stringify(finding));
  const again = open(path, 2000);
  assert.equal(again.record({ event: 'leader', subject: 'healer', detail: 'again' }).seq, 12);
  again.close();
});

test('followers hear each line once, until they stop', () => {
  const { path } = written(0);
  const audit = open(path);
  const heard: string[] = [];
  const stop = audit.follow((line) => heard.push(line.detail));
  audit.record({ event: 'acted', subject: 'node/a', detail: 'one' });
  stop();
  audit.record({ event: 'acted', subject: 'node/a', detail: 'two' });
  audit.close();
  assert.deepEqual(heard, ['one']);
});

test('audit-verify says where a file was changed, and what it cannot read', async () => {
  const { path, texts } = written();
  const program = new URL('../audit-verify.ts', import.meta.url).pathname;
  const whole = await run(process.execPath, [program, path]);
  assert.match(whole.stdout, /5 lines, chain whole/);
  texts[3] = texts[3]!.replace('node/a', 'node/b');
  writeFileSync(path, `${texts.join('\n')}\n`);
  await assert.rejects(run(process.execPath, [program, path]), { code: 1, stderr: /:4: changed/ });
  await assert.rejects(run(process.execPath, [program, `${path}-none`]), { code: 64 });
});
