import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { describeError } from '../../core/errors.ts';
import { chainLine } from '../../core/journal/chain.ts';
import type { Entry } from '../../core/journal/journal.ts';
import { synthesise } from '../../judge/testing/synthetic-trial.ts';
import { analyze } from './analyze.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';

const directory = temporaryDirectory('analyze');
const HOSTILE = 'survives\r\u001b[2KHELD  \u202eall is well\n';

function linesOf(entries: readonly Entry[]): string[] {
  let digest = '';
  return entries.map((entry) => {
    const next = chainLine(digest, JSON.stringify(entry));
    digest = next.digest;
    return next.line;
  });
}

async function said(lines: readonly string[], ...options: string[]): Promise<[code: number, text: string]> {
  const path = join(directory, 'journal.jsonl');
  writeFileSync(path, `${lines.join('\n')}\n`);
  let text = '';
  const out = (part: string): void => void (text += part);
  const { signal } = new AbortController();
  const code = await analyze.run([path, ...options], { env: {}, out, err: out, signal });
  return [code, text];
}

const violated = synthesise({
  watchedForMs: 25_000,
  outages: [[100, 14_000]],
  started: { schema: 2, title: HOSTILE, again: `npm test -- ${HOSTILE}` },
});

test('the first words of analyze are the verdict, whatever a title holds', async () => {
  const [code, text] = await said(linesOf(violated));
  assert.equal(code, 1);
  assert.match(text, /^VIOLATED {2}survives HELD/);
  assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  assert.equal(text.split('\n').filter((line) => line.includes('HELD')).length, 2, 'no line of its own');
});

test('analyze --json holds the whole verdict, and no code that a terminal would act on', async () => {
  const [, text] = await said(linesOf(violated), '--json');
  assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  assert.equal((JSON.parse(text) as { title: string }).title, HOSTILE);
});

test('analyze names the line of a journal that was changed, and judges nothing else of it', async () => {
  const lines = linesOf(violated);
  const changed = lines.map((line) => line.replace('"withinMs":10000', '"withinMs":90000'));
  const line = lines.findIndex((one, index) => one !== changed[index]) + 1;
  const [code, text] = await said(changed);
  assert.equal(code, 2);
  assert.match(text, new RegExp(`^INCONCLUSIVE .*: line ${line} of the journal: its digest`));
});

test('analyze takes the folder of a trial for its journal, and says which journals there are where there are several', async () => {
  const { signal } = new AbortController();
  let text = '';
  const run = (path: string) =>
    analyze.run([path], { env: {}, out: (part) => void (text += part), err: () => undefined, signal });
  const folder = join(directory, 'run');
  for (const trial of ['a', 'b']) {
    mkdirSync(join(folder, 'trials', trial), { recursive: true });
    writeFileSync(join(folder, 'trials', trial, 'journal.jsonl'), `${linesOf(violated).join('\n')}\n`);
  }
  assert.equal(await run(join(folder, 'trials', 'a')), 1);
  assert.match(text, /^VIOLATED/);
  await assert.rejects(
    async () => run(folder),
    (error) => {
      assert.match(
        describeError(error),
        /run holds 2 journals\n {2}next: npm run firedrill -- analyze takes one: \S+\/a\/.*\/b\//,
      );
      return true;
    },
  );
});

test('analyze prints the last digest of the journal, which no other journal has', async () => {
  const digest = /"digest":"(\w+)"\}$/.exec(linesOf(violated).at(-1) ?? '')?.[1];
  assert.ok(digest);
  assert.match((await said(linesOf(violated)))[1], new RegExp(`^journal: ${digest}$`, 'm'));
});
