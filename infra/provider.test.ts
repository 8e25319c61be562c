import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterProvider } from './cluster.ts';
import { chooseProvider, madeClusters, providerOf } from './provider.ts';

interface Asked {
  count: number;
}

/** A provider that can or cannot work here, with clusters of its own. */
function provider(
  name: string,
  reasons: readonly string[],
  clusters: readonly string[] = [],
): ClusterProvider & Asked {
  const made = {
    name,
    count: 0,
    applies: () => {
      made.count++;
      return Promise.resolve(
        reasons.length === 0 ? ({ yes: true } as const) : ({ yes: false, reasons } as const),
      );
    },
    list: () => Promise.resolve(clusters),
  };
  return made as unknown as ClusterProvider & Asked;
}

test('the first that can work here is taken, and nobody after it is asked', async () => {
  const [first, second] = [provider('first', []), provider('second', [])];
  assert.equal((await chooseProvider(undefined, [first, second])).name, 'first');
  assert.equal(second.count, 0);
});

test('the next is taken where the first cannot, and whoever is named where both can', async () => {
  const [first, second] = [provider('first', ['no root']), provider('second', [])];
  assert.equal((await chooseProvider(undefined, [first, second])).name, 'second');
  assert.equal((await chooseProvider('second', [provider('first', []), second])).name, 'second');
});

test('where none can work, every reason of every one is told', async () => {
  const none = [provider('first', ['no root', 'no Linux']), provider('second', ['no engine answers'])];
  await assert.rejects(chooseProvider(undefined, none), {
    code: 'provider.none',
    message: 'no cluster can be made here: first: no root; no Linux | second: no engine answers',
  });
  await assert.rejects(chooseProvider('second', none), {
    code: 'provider.not-here',
    message: 'no cluster can be made here: second: no engine answers',
  });
  await assert.rejects(chooseProvider('third', none), { code: 'provider.unknown' });
});

test('a cluster that is up says who has made it', async () => {
  const both = [provider('first', ['no root'], ['a']), provider('second', [], ['b', 'c'])];
  assert.deepEqual(await madeClusters(both), ['a', 'b', 'c']);
  assert.equal((await providerOf('c', both, [])).name, 'second');
  await assert.rejects(providerOf('d', both, []), { code: 'cluster.unknown', hint: 'these are up: a, b, c' });
});
