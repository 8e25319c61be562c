import assert from 'node:assert/strict';
import { join } from 'node:path';
import { beforeEach, describe, it } from 'node:test';
import { Quarantine } from './quarantine.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

const effect = {
  session: 's',
  pid: 7,
  injectionId: 'i1',
  undo: { verb: 'node.thaw', args: { node: 'node-2' } },
  error: 'no way',
};
const nothing = () => Promise.resolve([]);

describe('a quarantine', () => {
  let directory: string;
  let quarantine: Quarantine;
  beforeEach(() => {
    directory = temporaryDirectory('quarantine');
    quarantine = new Quarantine(join(directory, 'quarantined'));
  });

  it('keeps everybody out and says why', () => {
    quarantine.refuseWhileActive();
    quarantine.add(effect);
    assert.throws(() => quarantine.refuseWhileActive(), {
      code: 'cluster.quarantined',
      message: /node\.thaw node-2 of session s failed: no way/,
    });
  });

  it('ends when the undo succeeds and the machines are as they should be', async () => {
    quarantine.add(effect);
    const undone: string[] = [];
    const undo = (left: { injectionId: string }) => Promise.resolve(void undone.push(left.injectionId));
    assert.deepEqual(await quarantine.lift(undo, nothing), []);
    assert.deepEqual(undone, ['i1']);
    assert.equal(quarantine.active, false);
  });

  it('goes on while the undo fails, and while a machine shows an effect', async () => {
    quarantine.add(effect);
    const broken = await quarantine.lift(() => Promise.reject(new Error('again')), nothing);
    assert.match(broken.join(), /failed: again/);
    const seen = () => Promise.resolve(['node-2 is frozen']);
    assert.deepEqual(await quarantine.lift(() => Promise.resolve(), seen), ['node-2 is frozen']);
    assert.equal(quarantine.active, true);
    assert.deepEqual(await quarantine.lift(() => Promise.resolve(), nothing), []);
  });
});
