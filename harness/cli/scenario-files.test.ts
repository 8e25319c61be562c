import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FiredrillError } from '../core/errors.ts';
import { checkFilters, scenarioName } from './scenario-files.ts';

const files = ['scenarios/node-loss.spec.ts', 'scenarios/pod-kill.spec.ts', 'scenarios/smoke.spec.ts'];

function hintFor(filter: string): string | undefined {
  try {
    checkFilters([filter], files);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof FiredrillError && error.userError && error.code === 'scenario.unknown');
    return error.hint;
  }
}

test('a scenario is found by path, by name, by line and by pattern', () => {
  for (const filter of [
    'scenarios/node-loss',
    './scenarios/smoke.spec.ts',
    'node',
    'smoke.spec.ts:12',
    'pod-.*',
    'NODE-LOSS',
  ])
    assert.equal(hintFor(filter), undefined, filter);
});

test('an unknown scenario names the nearest ones', () => {
  assert.match(hintFor('scenarios/nodeloss') ?? '', /scenarios\/node-loss/);
  assert.match(hintFor('scenarios/pod-kil1') ?? '', /scenarios\/pod-kill/);
});

test('a name like none of ours lists what there is', () => {
  assert.match(hintFor('zzzzzzzzzzzzzzzzzzzzzzzz') ?? '', /there are: node-loss, pod-kill, smoke/);
});

test('one good filter does not excuse a bad one', () => {
  assert.throws(() => checkFilters(['node-loss', 'no-such-thing-at-all'], files), FiredrillError);
});

test('a filter that is no regular expression is compared as text', () => {
  assert.ok(hintFor('node-loss(') !== undefined);
});

test('a scenario is called by its file', () => {
  assert.equal(scenarioName('scenarios/deep/node-loss.spec.ts'), 'node-loss');
});
