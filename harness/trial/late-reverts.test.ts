import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { UndoneEffect } from '../../infra/cluster.ts';
import { systemClock } from '../core/clock.ts';
import { entriesOf } from '../core/journal/journal.ts';
import { Journal, readJournal } from './journal-file.ts';
import { appendLateReverts, revertFrom } from './late-reverts.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';

const directory = temporaryDirectory('late');

const thawed: UndoneEffect = {
  wallMs: 2_000,
  session: 'run-1',
  pid: 7,
  injectionId: 'f1.0',
  verb: 'node.thaw',
  node: 'node-3',
  why: 'lapsed',
  ok: true,
};

test("the supervisor's record tells what became of an injection of this run, and of no other", () => {
  const revertOf = revertFrom([thawed], 'run-1');
  assert.deepEqual(revertOf('f1', 1_000), { ok: true, observation: 'node.thaw node-3 by the supervisor' });
  assert.equal(revertOf('f2', 1_000), undefined);
  assert.equal(revertFrom([{ ...thawed, injectionId: 'f11.0' }], 'run-1')('f1', 1_000), undefined);
  assert.equal(revertOf('f1', 3_000), undefined, 'an earlier trial had an f1, too');
  assert.equal(revertFrom([thawed], 'run-2')('f1', 1_000), undefined);
});

test('one effect that was not undone leaves the injection unreverted', () => {
  const failed = { ...thawed, injectionId: 'f1.1', node: 'node-4', ok: false, error: 'no such process' };
  const revert = revertFrom([thawed, failed], 'run-1')('f1', 1_000);
  assert.equal(revert?.ok, false);
  assert.match(revert.observation, /node-4 by the supervisor: no such process/);
});

test('only injections without a revert get one', () => {
  const path = join(directory, 'journal.jsonl');
  const journal = Journal.create(path, systemClock);
  const fault = { kind: 'node.freeze', target: {} } as never;
  for (const injectionId of ['f1', 'f2'])
    journal.append({ kind: 'fault.requested', injectionId, fault } as never);
  journal.append({ kind: 'fault.reverted', injectionId: 'f1', ok: true, observation: 'thawed', by: 'trial' });
  journal.close();
  appendLateReverts(path, systemClock, () => ({ ok: true, observation: 'gone with its cluster' }));
  appendLateReverts(path, systemClock, () => ({ ok: false, observation: 'a second time' }));
  assert.deepEqual(
    entriesOf(readJournal(path).entries, 'fault.reverted').map(
      ({ injectionId, by }) => `${injectionId} ${by}`,
    ),
    ['f1 trial', 'f2 supervisor'],
  );
});

test('nothing follows the end of a trial, whatever becomes of its faults', () => {
  const path = join(directory, 'ended', 'journal.jsonl');
  const journal = Journal.create(path, systemClock);
  const fault = { kind: 'node.freeze', target: {} } as never;
  journal.append({ kind: 'fault.requested', injectionId: 'f1', fault });
  journal.append({ kind: 'trial.ended', how: 'error', error: 'a guard refused the fault' });
  journal.close();
  appendLateReverts(path, systemClock, () => ({ ok: true, observation: 'gone with its cluster' }));
  assert.equal(readJournal(path).entries.at(-1)?.kind, 'trial.ended');
});
