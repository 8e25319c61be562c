import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FiredrillError } from '../../harness/core/errors.ts';
import type { UndoneEffect } from '../cluster.ts';
import { Claims } from './holds.ts';

const request = (session: string) => ({ session, pid: 1, timeToLiveMs: 1_000 });

function claimsWith(runUndo: (verb: string) => Promise<void>) {
  let nowMs = 0;
  const undone: UndoneEffect[] = [];
  const state = { quarantined: false };
  const claims = new Claims({
    monoMs: () => nowMs,
    wallMs: () => 1_000_000 + nowMs,
    admit: () => {
      if (state.quarantined) throw new FiredrillError('cluster.quarantined', 'something is left');
    },
    runUndo: (undo) => runUndo(undo.verb),
    onUndone: (effect) => undone.push(effect),
    onEnd: () => {},
  });
  return { claims, undone, state, pass: (ms: number) => (nowMs += ms) };
}

describe('a claim', () => {
  it('keeps other sessions out', () => {
    const { claims } = claimsWith(() => Promise.resolve());
    claims.take(request('a'));
    claims.take(request('a'));
    assert.throws(() => claims.take(request('b')), { code: 'claim.taken' });
  });

  it('whose holder fell silent is undone, newest first, and its holder cannot come back', async () => {
    const done: string[] = [];
    const { claims, pass } = claimsWith((verb) => Promise.resolve(void done.push(verb)));
    const id = claims.take(request('a'));
    claims.register(id, 'one', { verb: 'first', args: {} });
    claims.register(id, 'two', { verb: 'second', args: {} });
    pass(900);
    claims.beat(id);
    pass(900);
    await claims.releaseLapsed();
    assert.deepEqual(done, []);
    pass(200);
    const released = claims.releaseLapsed();
    assert.throws(
      () => {
        claims.beat(id);
      },
      { code: 'claim.unknown' },
    );
    assert.throws(() => claims.take(request('b')), { code: 'claim.taken' });
    await released;
    assert.deepEqual(done, ['second', 'first']);
    claims.take(request('b'));
  });

  it('tells what could not be undone and goes on with the rest', async () => {
    const done: string[] = [];
    const { claims, undone } = claimsWith((verb) =>
      verb === 'broken' ? Promise.reject(new Error('no way')) : Promise.resolve(void done.push(verb)),
    );
    const id = claims.take(request('a'));
    claims.register(id, 'one', { verb: 'fine', args: { node: 'n' } });
    claims.register(id, 'two', { verb: 'broken', args: { node: 'n' } });
    await claims.release(id);
    assert.deepEqual(done, ['fine']);
    const effect = { wallMs: 1_000_000, session: 'a', pid: 1, node: 'n', why: 'released' };
    assert.deepEqual(undone, [
      { ...effect, injectionId: 'two', verb: 'broken', ok: false, error: 'no way' },
      { ...effect, injectionId: 'one', verb: 'fine', ok: true },
    ]);
  });

  it('that lapsed is told as lapsed, with the time of each undo', async () => {
    const { claims, undone, pass } = claimsWith(() => Promise.resolve());
    const id = claims.take(request('a'));
    claims.register(id, 'one', { verb: 'node.thaw', args: { node: 'node-2' } });
    pass(1_500);
    await claims.releaseLapsed();
    assert.deepEqual(
      undone.map(({ wallMs, why, node, ok }) => [wallMs, why, node, ok]),
      [[1_001_500, 'lapsed', 'node-2', true]],
    );
  });

  it('is refused while the cluster is quarantined, and names its holder while it is held', () => {
    const { claims, state } = claimsWith(() => Promise.resolve());
    const id = claims.take(request('a'));
    assert.deepEqual(claims.list(), [{ id, session: 'a', pid: 1, undos: 0 }]);
    state.quarantined = true;
    assert.throws(() => claims.take(request('a')), { code: 'cluster.quarantined' });
  });
});
