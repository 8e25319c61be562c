import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock, type Clock } from '../../harness/core/clock.ts';
import { inOrder } from './apply-order.ts';
import { applyOne } from './apply.ts';
import { KubeClient } from './client.ts';
import { ScriptedServer, sendJson } from './testing/scripted-server.ts';

const MANIFEST = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'one' } } as const;

/** How often a server is asked that answers so each time, and how long the client waits in between. */
async function triesOf(answers: readonly ('cut' | 403 | 429 | 503 | 201)[]) {
  const waits: number[] = [];
  const clock: Clock = { now: () => systemClock.now(), sleep: (ms) => Promise.resolve(void waits.push(ms)) };
  let asked = 0;
  await using server = await ScriptedServer.start((request, response) => {
    const answer = answers[Math.min(asked++, answers.length - 1)];
    if (answer === 'cut' || answer === undefined) request.socket.destroy();
    else sendJson(response, answer, { ...MANIFEST, message: 'so' });
  });
  using kube = new KubeClient({ server: server.url }, { clock });
  const end = await applyOne(kube, MANIFEST, { fieldManager: 'test' }).catch((error: unknown) => error);
  return { asked, waits, end: end as { readonly outcome?: string; readonly code?: string } };
}

test('an apply that was cut off, or that the server had no time for, is tried again with growing waits', async () => {
  const { asked, waits, end } = await triesOf(['cut', 429, 503, 201]);
  assert.deepEqual([asked, waits, end.outcome], [4, [250, 500, 1_000], 'created']);
});

test('an apply is given up after five tries, and at once where the server refuses it', async () => {
  const gone = await triesOf(['cut']);
  assert.deepEqual([gone.asked, gone.end.code], [5, 'kube.unreachable']);
  const refused = await triesOf([403]);
  assert.deepEqual([refused.asked, refused.waits, refused.end.code], [1, [], 'kube.forbidden']);
});

test('what pods write themselves is deleted after the pods, which would make it anew', () => {
  const kinds = ['Lease', 'Deployment', 'ConfigMap'].map((kind) => ({
    apiVersion: 'v1',
    kind,
    metadata: { name: 'a' },
  }));
  assert.deepEqual(
    inOrder(kinds)
      .toReversed()
      .map((group) => group.map(({ kind }) => kind)),
    [['Deployment'], ['Lease', 'ConfigMap']],
  );
});
