import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesSelector, parseSelector } from './selectors.ts';

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
