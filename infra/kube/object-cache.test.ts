import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ObjectCache, type ObjectChange } from './object-cache.ts';
import type { KubeObject } from './objects.ts';

const object = (name: string, uid: string, version: number): KubeObject => ({
  metadata: { namespace: 'default', name, uid, resourceVersion: String(version) },
});
const sameObjects = () => new ObjectCache<KubeObject, KubeObject>((each) => each);
const said = (changes: readonly ObjectChange<KubeObject>[]) =>
  changes.map(({ type, object: { metadata } }) => `${type} ${metadata?.name}/${metadata?.uid}`);

test('a later list tells only the differences', () => {
  const cache = sameObjects();
  const first = [
    object('kept', 'k', 1),
    object('changed', 'c', 2),
    object('gone', 'g', 3),
    object('reborn', 'r1', 4),
  ];
  assert.equal(
    cache.replaceAll(
      first.map((each) => cache.hold(each)),
      true,
    ).length,
    4,
  );
  const second = [
    object('kept', 'k', 1),
    object('changed', 'c', 9),
    object('reborn', 'r2', 8),
    object('new', 'n', 7),
  ];
  assert.deepEqual(
    said(
      cache.replaceAll(
        second.map((each) => cache.hold(each)),
        false,
      ),
    ),
    ['deleted gone/g', 'modified changed/c', 'deleted reborn/r1', 'added reborn/r2', 'added new/n'],
  );
});

test('an event that is sent twice is told once, and a deletion of the object before does not hit its successor', () => {
  const cache = sameObjects();
  cache.put(object('pod', 'first', 1));
  assert.deepEqual(cache.put(object('pod', 'first', 1)), []);
  assert.deepEqual(said(cache.put(object('pod', 'second', 2))), ['deleted pod/first', 'added pod/second']);
  assert.deepEqual(cache.remove(object('pod', 'first', 3)), []);
  assert.equal(cache.get('pod', 'default')?.metadata?.uid, 'second');
});

test('only what was asked for is kept', () => {
  const cache = new ObjectCache<KubeObject, string>(
    ({ metadata }) => `${metadata?.name} at ${metadata?.resourceVersion}`,
  );
  cache.put(object('pod', 'u', 1));
  const [change] = cache.put(object('pod', 'u', 2));
  assert.deepEqual(change, { type: 'modified', object: 'pod at 2', previous: 'pod at 1' });
  assert.deepEqual(cache.list(), ['pod at 2']);
});

test('whatever happens, the changes told add up to the cache', () => {
  const names = ['a', 'b', 'c'];
  const step = fc.record({
    act: fc.constantFrom('put', 'remove', 'list' as const),
    name: fc.constantFrom(...names),
    uid: fc.constantFrom('1', '2'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const cache = sameObjects();
      const believed = new Map<string, string>();
      for (const [version, { act, name, uid }] of steps.entries()) {
        const one = object(name, uid, version);
        const changes =
          act === 'put'
            ? cache.put(one)
            : act === 'remove'
              ? cache.remove(one)
              : cache.replaceAll([cache.hold(one)], false);
        for (const { type, object: told } of changes) {
          const key = told.metadata?.name ?? '';
          assert.equal(believed.has(key), type !== 'added');
          if (type === 'deleted') believed.delete(key);
          else believed.set(key, told.metadata?.resourceVersion ?? '');
        }
        const real = cache.list().map(({ metadata }) => [metadata?.name, metadata?.resourceVersion] as const);
        assert.deepEqual([...believed].sort(), real.sort());
      }
    }),
  );
});
