import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Replacements } from './replacements.ts';

/** Machines `old-1`, `old-2`; the boots of their replacements fail as often as said. */
function site(failures: number) {
  const machines = new Set(['old-1', 'old-2']);
  const done: string[] = [];
  let count = 0;
  const replacements = new Replacements<string>(
    async (node) => {
      if (!machines.delete(node)) throw new Error(`no machine ${node}`);
      const name = `new-${++count}`;
      done.push(`retire ${node} for ${name}`);
      await Promise.resolve();
      return name;
    },
    async (name) => {
      await Promise.resolve();
      done.push(`boot ${name}`);
      if (failures-- > 0) throw new Error('did not boot');
    },
  );
  return { replacements, done };
}

describe('a replacement', () => {
  it('that did not boot is booted again under the same attempt, and no third machine is made', async () => {
    const { replacements, done } = site(1);
    await assert.rejects(replacements.replace('old-1', 'a'), /did not boot/);
    assert.equal(await replacements.replace('old-1', 'a'), 'new-1');
    assert.equal(await replacements.replace('old-1', 'a'), 'new-1');
    assert.deepEqual(done, ['retire old-1 for new-1', 'boot new-1', 'boot new-1']);
  });

  it('that did not boot is finished by a later attempt, too', async () => {
    const { replacements } = site(1);
    await assert.rejects(replacements.replace('old-1', 'a'));
    assert.equal(await replacements.replace('old-1', 'b'), 'new-1');
    assert.equal(await replacements.replace('old-1', 'a'), 'new-1');
  });

  it('is made once when two ask at the same moment', async () => {
    const { replacements, done } = site(0);
    const [first, second] = await Promise.allSettled([
      replacements.replace('old-1', 'a'),
      replacements.replace('old-1', 'b'),
    ]);
    assert.deepEqual(first, { status: 'fulfilled', value: 'new-1' });
    assert.equal(second.status, 'rejected');
    assert.deepEqual(done, ['retire old-1 for new-1', 'boot new-1']);
  });

  it('of a machine that is gone is refused to an attempt that is not known', async () => {
    const { replacements } = site(0);
    await replacements.replace('old-1', 'a');
    await assert.rejects(replacements.replace('old-1', 'b'), /no machine old-1/);
    await assert.rejects(replacements.replace('old-1'), /no machine old-1/);
  });
});
