import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatSelector, matchesSelector, parseSelector, requirementsOf } from './selectors.ts';
import type { Requirement } from './selectors.ts';

const selects = (selector: string, labels?: Record<string, string>) =>
  matchesSelector(parseSelector(selector), labels);

test('each operator selects what the API server selects', () => {
  const cases: readonly (readonly [selector: string, labels: Record<string, string> | undefined, boolean])[] =
    [
      ['', undefined, true],
      ['app=web', { app: 'web' }, true],
      ['app==web', { app: 'web' }, true],
      ['app=web', { app: 'db' }, false],
      ['app=web', undefined, false],
      ['app!=web', { app: 'db' }, true],
      ['app!=web', {}, true],
      ['app!=web', { app: 'web' }, false],
      ['app', { app: '' }, true],
      ['!app', {}, true],
      ['!app', { app: 'x' }, false],
      ['app=', { app: '' }, true],
      ['tier in (front, back)', { tier: 'back' }, true],
      ['tier in (front,back)', { tier: 'data' }, false],
      ['tier notin (front,back)', {}, true],
      ['tier notin (front,back)', { tier: 'front' }, false],
      ['in in (in)', { in: 'in' }, true],
      [
        'topology.kubernetes.io/zone=zone-1,!firedrill.dev/infra',
        { 'topology.kubernetes.io/zone': 'zone-1' },
        true,
      ],
      ['app=web,tier=front', { app: 'web', tier: 'back' }, false],
    ];
  for (const [selector, labels, expected] of cases) {
    assert.equal(selects(selector, labels), expected, `${selector} of ${JSON.stringify(labels)}`);
  }
});

test('what is no selector is refused with its place', () => {
  const problems: Record<string, RegExp> = {
    'app=web tier=front': /character 9: expected ",", found "tier"/,
    'app in web': /character 8: expected "\(", found "web"/,
    'app in (a': /character 10: expected "\)", found the end/,
    'app>1': /character 4: > has no meaning here/,
    ',app': /character 1: expected a label key, found ","/,
    'app=web,': /character 9: expected a label key, found the end/,
  };
  for (const [selector, message] of Object.entries(problems)) {
    assert.throws(() => parseSelector(selector), { code: 'kube.bad-selector', message, userError: true });
  }
});

test('a LabelSelector of an object says the same as its text', () => {
  const requirements = requirementsOf({
    matchLabels: { app: 'web' },
    matchExpressions: [
      { key: 'tier', operator: 'In', values: ['front', 'back'] },
      { key: 'old', operator: 'DoesNotExist' },
    ],
  });
  assert.equal(formatSelector(requirements), 'app=web,tier in (front,back),!old');
});

test('whatever is formatted is read as the same', () => {
  const word = fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,8}[a-z0-9])?$/);
  const plain = { noNullPrototype: true } as const;
  const requirement = fc.oneof(
    fc.record(
      { key: word, operator: fc.constantFrom('Exists', 'DoesNotExist'), values: fc.constant([]) },
      plain,
    ),
    fc.record(
      {
        key: word,
        operator: fc.constantFrom('In', 'NotIn'),
        values: fc.array(word, { minLength: 1, maxLength: 4 }),
      },
      plain,
    ),
  ) as fc.Arbitrary<Requirement>;
  fc.assert(
    fc.property(fc.array(requirement, { maxLength: 5 }), (requirements) => {
      assert.deepEqual(parseSelector(formatSelector(requirements)), requirements);
    }),
  );
});
