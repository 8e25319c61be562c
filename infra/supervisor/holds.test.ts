import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FiredrillError } from '../../harness/core/errors.ts';
import type { UndoneEffect } from '../cluster.ts';
import { Holds } from './holds.ts';

const request = (session: string) => ({ session, pid: 1, timeToLiveMs: 1_000 });

function holdsWith(runUndo: (verb: string) => Promise<void>) {
  let nowMs = 0;
  const undone: UndoneEffect[] = [];
  const state = { quarantined: false };
  const holds = new Holds({
    monoMs: () => nowMs,
    wallMs: () => 1_000_000 + nowMs,
    admit: () => {
      if (state.quarantined) throw new FiredrillError('cluster.quarantined', 'something is left');
    },
    runUndo: (undo) => runUndo(undo.verb),
    onUndone: (effect) => undone.push(effect),
    onEnd: () => {},
  });
  return { holds, undone, state, pass: (ms: number) => (nowMs += ms) };
}

describe('a hold', () => {
  it('keeps other sessions out', () => {
    const { holds } = holdsWith(() => Promise.resolve());
    holds.take(request('a'));
    holds.take(request('a'));
    assert.throws(() => holds.take(request('b')), { code: 'hold.taken' });
  });

  it('whose holder fell silent is undone, newest first, and its holder cannot come back', async () => {
    const done: string[] = [];
    const { holds, pass } = holdsWith((verb) => Promise.resolve(void done.push(verb)));
    const id = holds.take(request('a'));
    holds.register(id, 'one', { verb: 'first', args: {} });
    holds.register(id, 'two', { verb: 'second', args: {} });
    pass(900);
    holds.beat(id);
    pass(900);
    await holds.releaseLapsed();
    assert.deepEqual(done, []);
    pass(200);
    const released = holds.releaseLapsed();
    assert.throws(
      () => {
        holds.beat(id);
      },
      { code: 'hold.unknown' },
    );
    assert.throws(() => holds.take(request('b')), { code: 'hold.taken' });
    await released;
    assert.deepEqual(done, ['second', 'first']);
    holds.take(request('b'));
  });

  it('does not undo what its holder has undone itself and forgotten', async () => {
    const done: string[] = [];
    const { holds } = holdsWith((verb) => Promise.resolve(void done.push(verb)));
    const id = holds.take(request('a'));
    holds.register(id, 'one', { verb: 'first', args: {} });
    holds.forget(id, 'one');
    assert.deepEqual(
      holds.list().map(({ undos }) => undos),
      [0],
    );
    await holds.release(id);
    assert.deepEqual(done, []);
  });

  it('tells what could not be undone and goes on with the rest', async () => {
    const done: string[] = [];
    const { holds, undone } = holdsWith((verb) =>
      verb === 'broken' ? Promise.reject(new Error('no way')) : Promise.resolve(void done.push(verb)),
    );
    const id = holds.take(request('a'));
    holds.register(id, 'one', { verb: 'fine', args: { node: 'n' } });
    holds.register(id, 'two', { verb: 'broken', args: { node: 'n' } });
    await holds.release(id);
    assert.deepEqual(done, ['fine']);
    const effect = { wallMs: 1_000_000, session: 'a', pid: 1, node: 'n', why: 'released' };
    assert.deepEqual(undone, [
      { ...effect, injectionId: 'two', verb: 'broken', ok: false, error: 'no way' },
      { ...effect, injectionId: 'one', verb: 'fine', ok: true },
    ]);
  });

  it('that lapsed is told as lapsed, with the time of each undo', async () => {
    const { holds, undone, pass } = holdsWith(() => Promise.resolve());
    const id = holds.take(request('a'));
    holds.register(id, 'one', { verb: 'node.thaw', args: { node: 'node-2' } });
    pass(1_500);
    await holds.releaseLapsed();
    assert.deepEqual(
      undone.map(({ wallMs, why, node, ok }) => [wallMs, why, node, ok]),
      [[1_001_500, 'lapsed', 'node-2', true]],
    );
  });

  it('is refused while the cluster is quarantined, and names its holder while it is held', () => {
    const { holds, state } = holdsWith(() => Promise.resolve());
    const id = holds.take(request('a'));
    assert.deepEqual(holds.list(), [{ id, session: 'a', pid: 1, undos: 0 }]);
    state.quarantined = true;
    assert.throws(() => holds.take(request('a')), { code: 'cluster.quarantined' });
  });
});
