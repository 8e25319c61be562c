import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Claims } from './claims.ts';

const request = (session: string) => ({ session, pid: 1, timeToLiveMs: 1_000 });

function claimsWith(runUndo: (verb: string) => Promise<void>) {
  let nowMs = 0;
  const lapses: string[][] = [];
  const claims = new Claims({
    monoMs: () => nowMs,
    runUndo: (undo) => runUndo(undo.verb),
    onLapse: (_claim, failures) => lapses.push([...failures]),
  });
  return { claims, lapses, pass: (ms: number) => (nowMs += ms) };
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
    const { claims, lapses } = claimsWith((verb) =>
      verb === 'broken' ? Promise.reject(new Error('no way')) : Promise.resolve(void done.push(verb)),
    );
    const id = claims.take(request('a'));
    claims.register(id, 'one', { verb: 'fine', args: {} });
    claims.register(id, 'two', { verb: 'broken', args: {} });
    await claims.release(id);
    assert.deepEqual(done, ['fine']);
    assert.deepEqual(lapses, [['two (broken): no way']]);
  });
});
