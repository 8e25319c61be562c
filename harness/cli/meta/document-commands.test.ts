import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parts } from '../../../ci/long/parts.ts';
import { sampleRun } from '../../../reports/testing/sample-run.ts';
import { commandsOf, DOCUMENTS, ROOT, textOf } from '../../testing/documents.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { ENVIRONMENT } from './command-line.ts';
import { PROOFS } from './document-commands.ts';
import { SESSIONS } from './document-sessions.ts';
import { typeLine } from './typed-line.ts';

const folder = temporaryDirectory('documents');
const CHOICES = { FILE: join(folder, 'unformatted.ts'), JOURNAL: await sampleRun([{ shape: 'held' }]) };
writeFileSync(CHOICES.FILE, 'export  const x=1');
const rows = Object.entries(PROOFS);
const inSessions = Object.values(SESSIONS).flatMap((steps) => steps.map(({ line }) => line));

describe('the commands of the documents', { concurrency: 2 }, () => {
  it('each is shown to do what its document says, and nothing is shown that no document has', () => {
    const written = new Set(DOCUMENTS.flatMap((document) => commandsOf(textOf(document))));
    const shown = new Set([...rows.map(([line]) => line), ...inSessions]);
    assert.deepEqual(
      [...written].filter((line) => !shown.has(line)),
      [],
      'commands without a proof',
    );
    assert.deepEqual(
      [...shown].filter((line) => !written.has(line)),
      [],
      'proofs of no command',
    );
  });

  it('what is shown elsewhere is shown there', () => {
    const absent = rows.flatMap(([line, proof]) => {
      if ('calledBy' in proof)
        return readFileSync(join(ROOT, proof.calledBy), 'utf8').includes(proof.words) ? [] : [line];
      if ('part' in proof) return parts.some(({ name }) => name === proof.part) ? [] : [line];
      if ('of' in proof) return proof.of in PROOFS || inSessions.includes(proof.of) ? [] : [line];
      return [];
    });
    assert.deepEqual(absent, []);
  });

  for (const [line, proof] of rows)
    if ('says' in proof)
      it(`${line}${proof.without === undefined ? '' : `, without a ${proof.without}`}`, async () => {
        const { exitCode, output } = await typeLine({ line, ...proof }, CHOICES, {
          cwd: ROOT,
          env: ENVIRONMENT,
        });
        assert.match(output, proof.says);
        assert.equal(exitCode, proof.exitCode ?? 0, output);
      });
});
