import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimClock } from '../testing/simulation/sim-clock.ts';
import { keepVigil, type UrlAnswer, type VigilQuestion, type Vote } from './vigil.ts';

type Ask = (url: string, askedMs: number, clock: SimClock) => Promise<UrlAnswer>;

const never: Ask = () => new Promise(() => undefined);
const OTHERS = ['o1', 'o2', 'o3', 'o4', 'o5'];

/** A vigil of 5.6 s over node n, whose others answer unless a test says otherwise. */
async function vigil(
  node: Ask,
  more: Partial<VigilQuestion> & { readonly others?: readonly string[]; readonly control?: Ask } = {},
): Promise<Vote & { readonly atMs: number; readonly asked: number }> {
  const clock = new SimClock();
  const { control = () => Promise.resolve('answered' as const), ...question } = more;
  let asked = 0;
  let atMs = Infinity;
  const kept = keepVigil(
    { node: 'n', at: ['n', 'n2'], others: OTHERS, forMs: 5600, ...question },
    {
      clock,
      drained: () => Promise.resolve(),
      ask: async (url) => {
        if (!url.startsWith('n')) return await control(url, clock.now().monoMs, clock);
        asked++;
        return await node(url, clock.now().monoMs, clock);
      },
    },
    new AbortController().signal,
  ).then((vote) => {
    atMs = clock.now().monoMs;
    return vote;
  });
  await clock.runUntil(10_000);
  return { ...(await kept), atMs, asked };
}

test('a node is silent when nothing answered for all of the time', async () => {
  const { says, atMs, asked } = await vigil(never);
  assert.deepEqual([says, atMs, asked >= 24], ['silent', 5600, true]);
});

test('an answer to the first question that comes at the very end is life', async () => {
  const late: Ask = async (_, askedMs, clock) => {
    if (askedMs > 0) return await never('', 0, clock);
    await clock.sleep(5590);
    return 'answered';
  };
  assert.deepEqual(await vigil(late).then(({ says, atMs }) => [says, atMs]), ['alive', 5590]);
});

test('a machine that hears only of the questions after its pause of 5 s is alive', async () => {
  const paused: Ask = async (_, askedMs, clock) => {
    if (askedMs < 5000) return await never('', 0, clock);
    await clock.sleep(5);
    return 'answered';
  };
  assert.equal((await vigil(paused)).says, 'alive');
});

test('a second port that answers is life, also while the kubelet does not', async () => {
  const { says } = await vigil(async (url) =>
    url === 'n2' ? 'answered' : await new Promise(() => undefined),
  );
  assert.equal(says, 'alive');
});

test('a kernel that refuses connections runs: that is no silence', async () => {
  assert.equal((await vigil(() => Promise.resolve('refused'))).says, 'refused');
});

for (const [claim, reached, says] of [
  ['reaches 4 of 5 other nodes has a vote', 4, 'silent'],
  ['reaches 3 of 5 other nodes has none', 3, 'unknown'],
] as const) {
  test(`a witness that ${claim}, at the beginning and at the end`, async () => {
    for (const failsFrom of [0, 4000]) {
      const control: Ask = (url, askedMs) =>
        Promise.resolve(askedMs < failsFrom || OTHERS.indexOf(url) < reached ? 'answered' : 'silent');
      const vote = await vigil(never, { control });
      assert.equal(vote.says, says);
      if (says === 'unknown') assert.match(vote.because, /reaches 3 of 5 other nodes/);
    }
  });
}

test('another node that takes longer than a second to answer is not reached', async () => {
  const control: Ask = async (_, __, clock) => {
    await clock.sleep(1001);
    return 'answered';
  };
  assert.equal((await vigil(never, { control })).says, 'unknown');
});

test('a witness whose own timers were late has no vote', async () => {
  const clock = new SimClock();
  let nowMs = 0;
  const stalling = {
    now: () => ({ monoMs: nowMs, wallMs: nowMs }),
    sleep: (durationMs: number) => {
      nowMs += durationMs + (nowMs === 1000 ? 1001 : 0);
      return Promise.resolve();
    },
  };
  const means = {
    clock: stalling,
    drained: () => Promise.resolve(),
    ask: async () => await never('', 0, clock),
  };
  const question = { node: 'n', at: ['n'], others: [], forMs: 5600 };
  const { says, because } = await keepVigil(question, means, new AbortController().signal);
  assert.deepEqual([says, because], ['unknown', 'the witness did not run for 1001 ms']);
});
