import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { temporaryDirectory } from '../testing/temporary-directory.ts';

const folder = temporaryDirectory('full');
const source = (name: string): string =>
  JSON.stringify(pathToFileURL(join(import.meta.dirname, '..', name)).href);
const onSmallDisk = { skip: process.getuid?.() === 0 ? false : 'mounting needs root' };

/** Runs code with `folder` on a disk of its own of this size. */
function onDisk(size: string, code: string) {
  return spawnSync(
    'unshare',
    [
      ...['--mount', '--', 'sh', '-ec'],
      `mount -t tmpfs -o size=${size} tmpfs '${folder}'; exec "$@"`,
      ...['sh', process.execPath, '--input-type=module-typescript', '-e', code],
    ],
    { encoding: 'utf8' },
  );
}

test(
  'a disk that runs full ends the recording once, and the trial can still be ended and judged',
  onSmallDisk,
  () => {
    const { stdout, stderr } = onDisk(
      '1m',
      `import { Journal, readJournal } from ${source('trial/journal-file.ts')};
     import { writeVerdict } from ${source('trial/verdict-file.ts')};
     import { systemClock } from ${source('core/clock.ts')};
     import { readdirSync } from 'node:fs';
     const path = ${JSON.stringify(join(folder, 'trial', 'journal.jsonl'))};
     const journal = Journal.create(path, systemClock);
     let told = 0;
     journal.failed.addEventListener('abort', () => told++);
     const text = 'x'.repeat(3_000);
     for (let count = 0; count < 1_000; count++) journal.append({ kind: 'note', text });
     let refused = '';
     try { journal.append({ kind: 'fault.intent', injectionId: 'f1', undo: {} }, { sync: true }); }
     catch (error) { refused = error.code + ' ' + error.message; }
     journal.append({ kind: 'trial.ended', how: 'interrupted', error: journal.failed.reason.message }, { sync: true });
     journal.close();
     const verdict = writeVerdict(path);
     const { entries, torn } = readJournal(path);
     const kinds = [...new Set(entries.map((entry) => entry.kind))];
     const files = readdirSync(${JSON.stringify(join(folder, 'trial'))});
     console.log(JSON.stringify({ told, refused, torn, kinds, files, outcome: verdict.outcome, ended: entries.at(-1).error }));`,
    );
    assert.equal(stderr, '');
    const told = JSON.parse(stdout) as Record<string, unknown>;
    assert.match(String(told['refused']), /^journal\.unwritable the disk is full: .* proves nothing$/);
    assert.match(String(told['ended']), /the disk is full/);
    assert.deepEqual(
      { ...told, refused: '', ended: '' },
      {
        told: 1,
        refused: '',
        torn: false,
        kinds: ['note', 'trial.ended'],
        files: ['journal.jsonl', 'verdict.json'],
        outcome: 'inconclusive',
        ended: '',
      },
    );
  },
);

test('on a disk that is full already no journal is begun, and nothing half-made is left', onSmallDisk, () => {
  const { stdout, stderr } = onDisk(
    '64k',
    `import { Journal } from ${source('trial/journal-file.ts')};
     import { systemClock } from ${source('core/clock.ts')};
     import { readdirSync } from 'node:fs';
     try { Journal.create(${JSON.stringify(join(folder, 'trial', 'journal.jsonl'))}, systemClock); }
     catch (error) { console.log(error.code, readdirSync(${JSON.stringify(join(folder, 'trial'))}).length); }`,
  );
  assert.equal(stdout.trim(), 'journal.unwritable 0', stderr);
});
