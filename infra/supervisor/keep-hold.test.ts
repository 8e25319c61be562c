import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { FiredrillError } from '../../harness/core/errors.ts';
import type { Hold } from '../cluster.ts';
import { keepHold } from './keep-hold.ts';

const TIMING = { beatEveryMs: 10, beatWithinMs: 30, timeToLiveMs: 300 };

/** A supervisor whose answers to beats are as said, one after the other; the last one goes for all that follow. */
function supervisor(...answers: readonly ((signal: AbortSignal | undefined) => Promise<object>)[]) {
  let beats = 0;
  return {
    get beats() {
      return beats;
    },
    ask: <T>() => Promise.resolve({ id: 'c' } as T),
    call: async (_method: string, path: string, _body?: unknown, signal?: AbortSignal): Promise<void> => {
      if (path.endsWith('/beat')) await answers[Math.min(beats++, answers.length - 1)]?.(signal);
    },
  };
}

const ok = () => Promise.resolve({});
const refused = () => Promise.reject(new FiredrillError('hold.unknown', 'it lapsed'));
const broken = () => Promise.reject(new FiredrillError('supervisor.unreachable', 'no answer'));
/** Never answers by itself. */
const silent = (signal: AbortSignal | undefined) =>
  new Promise<object>((_resolve, reject) =>
    signal?.addEventListener('abort', () => reject(new Error('timed out'))),
  );

async function until(condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 3_000;
  while (!condition()) {
    assert.ok(performance.now() < deadlineMs, 'it never came to that');
    await delay(5);
  }
}

async function holding(door: ReturnType<typeof supervisor>, look: (hold: Hold) => Promise<void>) {
  const hold = await keepHold(door, 's', TIMING);
  try {
    await look(hold);
  } finally {
    await hold.release();
  }
}

describe('a hold that is held', () => {
  it('outlives single beats that fail', async () => {
    const door = supervisor(broken, broken, ok);
    await holding(door, async (hold) => {
      await until(() => door.beats >= 2);
      assert.equal(hold.lost, undefined);
      // Longer than it may be silent: the later beats count.
      await delay(TIMING.timeToLiveMs + 50);
      assert.equal(hold.lost, undefined);
    });
  });

  it('is lost at once when the supervisor knows it no more', async () => {
    const door = supervisor(ok, refused, ok);
    await holding(door, async (hold) => {
      await until(() => door.beats >= 4);
      assert.equal(hold.lost, 'it lapsed');
    });
  });

  it('is lost when no beat is answered for its time to live, and not before', async () => {
    const startedMs = performance.now();
    await holding(supervisor(silent), async (hold) => {
      assert.equal(hold.lost, undefined);
      await until(() => hold.lost !== undefined);
      assert.ok(performance.now() - startedMs >= TIMING.timeToLiveMs);
      assert.match(String(hold.lost), /no beat was answered for 3\d\d ms: timed out/);
    });
  });

  it('sends the next beat while one is not answered', async () => {
    const door = supervisor(silent, ok);
    await holding(door, async (hold) => {
      await delay(TIMING.timeToLiveMs + 50);
      assert.equal(hold.lost, undefined);
    });
  });
});
