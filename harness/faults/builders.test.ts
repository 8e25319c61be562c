import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FiredrillError } from '../core/errors.ts';
import { checkFault } from '../core/faults/check-fault.ts';
import { nodeCableOut, nodeFreeze, nodePowerOff, podKill } from './builders.ts';

/** The key paths that an error names. */
function keysOf(build: () => unknown): string[] {
  try {
    build();
    return [];
  } catch (error) {
    assert.ok(error instanceof FiredrillError && error.userError);
    return [...error.message.matchAll(/^ {2}([\w.[\]]+): /gm)].map((match) => match[1] ?? '');
  }
}

test('a builder makes a frozen fault as data', () => {
  const fault = nodePowerOff({ node: { hosting: 'app=storefront', mode: 'one' } });
  assert.deepEqual(fault, {
    kind: 'node.power-off',
    target: { kind: 'node', hosting: 'app=storefront', mode: 'one' },
  });
  assert.ok(Object.isFrozen(fault) && Object.isFrozen(fault.target));
  assert.deepEqual(JSON.parse(JSON.stringify(fault)), fault);
});

test('a duration becomes milliseconds', () => {
  assert.equal(nodeFreeze({ node: { names: ['a'], mode: 'one' }, duration: '1m30s' }).durationMs, 90_000);
});

test('every problem is told at once, each with its key path', () => {
  const wrong = {
    node: { hostig: 'app=x', labels: '', names: [], healerLeader: 'yes', mode: { fixedPercent: 120 } },
    allow: ['everything'],
  } as unknown as Parameters<typeof nodeCableOut>[0];
  assert.deepEqual(
    keysOf(() => nodeCableOut(wrong)).sort(),
    [
      'allow[0]',
      'node.healerLeader',
      'node.hostig',
      'node.labels',
      'node.mode.fixedPercent',
      'node.names',
    ].sort(),
  );
});

test('a malformed fault is told as its kind and a line for each problem', () => {
  assert.throws(() => podKill({ pod: { labels: '', mode: { fixed: 0 } } }), {
    code: 'fault.malformed',
    userError: true,
    message: [
      'the fault pod.kill is malformed:',
      '  pod.labels: expected a label selector such as app=storefront',
      '  pod.mode.fixed: expected a whole number from 1 on',
    ].join('\n'),
  });
});

test('a selector that the API server would refuse is refused where the fault is built', () => {
  for (const labels of ['app in (', '!!,,=', 'app=a b']) {
    assert.deepEqual(
      keysOf(() => nodeFreeze({ node: { labels, hosting: labels, mode: 'one' } })).sort(),
      ['node.hosting', 'node.labels'],
      labels,
    );
    assert.deepEqual(
      keysOf(() => podKill({ pod: { labels, mode: 'one' } })),
      ['pod.labels'],
      labels,
    );
  }
});

test('what is no fault at all is malformed, too', () => {
  const node = { names: ['a'], mode: 'one' };
  for (const [told, keys] of [
    [undefined, ['node', 'node.mode']],
    [null, ['node', 'node.mode']],
    [{ node, duration: null }, ['duration']],
    [{ node, duration: 5_000 }, ['duration']],
    [{ node: { ...node, mode: () => 'one' } }, ['node.mode']],
    [{ node: { ...node, names: [''] } }, ['node.names[0]']],
  ] as const)
    assert.deepEqual(keysOf(() => nodeFreeze(told as never)).sort(), keys, JSON.stringify(told));
});

test('what a scenario does to its own options later does not change the fault', () => {
  const names = ['a'];
  const fault = nodeFreeze({ node: { names, mode: 'one' } });
  names.push('b');
  assert.deepEqual(fault.target, { kind: 'node', names: ['a'], mode: 'one' });
});

test('a selector is required', () => {
  assert.deepEqual(
    keysOf(() => nodeFreeze({ node: { mode: 'one' } })),
    ['node'],
  );
});

test('a mode that is none is refused', () => {
  for (const mode of ['two', { fixed: 0 }, { fixed: 1, fixedPercent: 1 }, {}, 3, undefined])
    assert.equal(
      keysOf(() => nodeFreeze({ node: { names: ['a'], mode: mode as never } })).length,
      1,
      JSON.stringify(mode),
    );
});

test('a power-off is permanent and takes no duration', () => {
  const options = { node: { names: ['a'], mode: 'one' }, duration: '5s' } as const;
  assert.deepEqual(
    keysOf(() => nodePowerOff(options)),
    ['duration'],
  );
});

test('an unknown kind of fault names those that there are', () => {
  assert.throws(
    () => checkFault({ kind: 'node.explode', target: { kind: 'node', names: ['a'], mode: 'one' } }),
    (error) => error instanceof FiredrillError && /node\.power-off/.test(error.hint ?? ''),
  );
});

test('a pod is killed by its labels, in one namespace or in all that are not ours', () => {
  assert.deepEqual(podKill({ pod: { labels: 'app=web', mode: { fixedPercent: 50 } } }), {
    kind: 'pod.kill',
    target: { kind: 'pod', labels: 'app=web', mode: { fixedPercent: 50 } },
  });
  const wrong = { pod: { label: 'app=web', labels: ' ', namespace: 3, mode: 'some' }, allow: ['x'] };
  assert.deepEqual(keysOf(() => podKill(wrong as never)).sort(), [
    'allow[0]',
    'pod.label',
    'pod.labels',
    'pod.mode',
    'pod.namespace',
  ]);
  const node = { kind: 'pod.kill', target: { kind: 'node', names: ['a'], mode: 'one' } } as const;
  assert.deepEqual(
    keysOf(() => checkFault(node)),
    ['target.kind'],
  );
});
