import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusal } from '../../infra/kube/errors.ts';
import { MachineError } from '../../infra/machines/errors.ts';
import { waitAskedFor } from './retry-after.ts';

test('what an answer asks to wait is found below whatever it caused, and nothing is asked where it says nothing', () => {
  const asked = refusal('GET', '/', 429, 'later', 3000);
  const machines = new MachineError('machines.failed', 'later', { status: 429, retryAfterMs: 2000 });
  const waits: readonly (readonly [unknown, number])[] = [
    [asked, 3000],
    [machines, 2000],
    [new Error('of two', { cause: new Error('of one', { cause: asked }) }), 3000],
    [refusal('GET', '/', 500, 'no'), 0],
    [new Error('no cause'), 0],
    [new Error('a cause that is no error', { cause: { retryAfterMs: 9000 } }), 0],
    [Object.assign(new Error('a word, not a time'), { retryAfterMs: '9000' }), 0],
    ['text', 0],
    [undefined, 0],
  ];
  for (const [error, ms] of waits) assert.equal(waitAskedFor(error), ms);
});
