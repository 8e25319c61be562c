import assert from 'node:assert/strict';
import { globSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { FiredrillError } from '../core/errors.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { projectIn } from './project.ts';
import { findScenarios, patternsOf } from './scenario-files.ts';

const FILES = [
  'scenarios/dns/slow.spec.ts',
  'scenarios/network/slow.spec.ts',
  'scenarios/node/node-loss-of-two.spec.ts',
  'scenarios/node/node-loss.spec.ts',
  'scenarios/pod/pod-kill.spec.ts',
  'scenarios/smoke.spec.ts',
];

/** The files that the test runner would load. */
function found(filter: string, files = FILES, folder = 'scenarios'): readonly string[] {
  const patterns = patternsOf(filter, files, folder).map((each) => each.replace(/(:\d+)+$/, ''));
  return files.filter((file) => patterns.some((pattern) => new RegExp(pattern, 'i').test(file)));
}

function refusal(filter: string): FiredrillError {
  try {
    patternsOf(filter, FILES, 'scenarios');
  } catch (error) {
    assert.ok(error instanceof FiredrillError && error.userError);
    return error;
  }
  assert.fail(`${filter} was found`);
}

test('a scenario is found wherever it lies, by name and by path', () => {
  for (const filter of [
    'scenarios/node-loss',
    'node-loss',
    'NODE-LOSS',
    'node-loss.spec.ts',
    'scenarios/node-loss.spec.ts:12',
    'node/node-loss',
    'scenarios/node/node-loss',
    './scenarios/node/node-loss.spec.ts',
    'scenarios/node/node-loss.spec.ts:12:3',
  ])
    assert.deepEqual(found(filter), ['scenarios/node/node-loss.spec.ts'], filter);
  assert.deepEqual(found('./scenarios/smoke.spec.ts'), ['scenarios/smoke.spec.ts']);
  assert.deepEqual(found('scenarios/network/slow'), ['scenarios/network/slow.spec.ts']);
});

test('the line of a file is passed on', () => {
  const file = String.raw`scenarios/pod/pod-kill\.spec\.ts$`;
  assert.deepEqual(patternsOf('pod-kill:12:3', FILES, 'scenarios'), [`${file}:12:3`]);
});

test('a folder is all that lies in it', () => {
  for (const filter of ['scenarios/node', 'node', 'scenarios/node/'])
    assert.deepEqual(found(filter), FILES.slice(2, 4), filter);
});

test('a part of a name and a pattern find what contains them, with the folders or without', () => {
  assert.deepEqual(found('scenarios/node-lo'), FILES.slice(2, 4));
  assert.deepEqual(found('kill'), ['scenarios/pod/pod-kill.spec.ts']);
  assert.deepEqual(found('pod-.*'), ['scenarios/pod/pod-kill.spec.ts']);
  // The test runner is told what the user wrote: what runs only where it is named is not named by this.
  assert.deepEqual(patternsOf('scenarios/.*', FILES, 'scenarios'), ['scenarios/.*']);
});

test('the folder of scenarios may lie deeper', () => {
  const files = FILES.map((file) => `ci/bench/${file}`);
  for (const filter of ['scenarios/pod-kill', 'ci/bench/scenarios/pod/pod-kill', 'pod-kill'])
    assert.deepEqual(found(filter, files, 'ci/bench/scenarios'), [files[4]], filter);
});

test('a name that two scenarios have names both', () => {
  const { code, hint } = refusal('scenarios/slow');
  assert.equal(code, 'scenario.ambiguous');
  assert.equal(hint, 'say which: scenarios/dns/slow or scenarios/network/slow');
});

test('an unknown scenario names the nearest ones', () => {
  assert.match(refusal('scenarios/nodeloss').hint ?? '', /scenarios\/node-loss/);
  assert.match(refusal('scenarios/node/pod-kil1').hint ?? '', /scenarios\/pod-kill/);
  assert.equal(refusal('node-loss(').code, 'scenario.unknown');
});

test('a name that is proposed is one that works, whatever the folder is called', () => {
  const files = ['deep/mine/one-fails.spec.ts'];
  assert.throws(() => patternsOf('scenarios/one-fails', files, 'deep/mine'), {
    hint: 'did you mean mine/one-fails?',
  });
  assert.deepEqual(found('mine/one-fails', files, 'deep/mine'), files);
});

test('the folder of scenarios may be elsewhere, and one that is set to nothing is not set', () => {
  const elsewhere = temporaryDirectory('scenarios');
  writeFileSync(join(elsewhere, 'mine.spec.ts'), '');
  const [pattern = ''] = findScenarios(
    ['mine'],
    projectIn(process.cwd(), { FIREDRILL_SCENARIOS: elsewhere }),
  );
  assert.match(join(elsewhere, 'mine.spec.ts'), new RegExp(pattern));
  const unset = projectIn(process.cwd(), { FIREDRILL_SCENARIOS: '' });
  assert.deepEqual(unset, projectIn(process.cwd(), {}));
});

test('a folder of scenarios that is a file, or below one, is a mistake of its user', () => {
  const file = join(temporaryDirectory('scenarios'), 'mine.spec.ts');
  writeFileSync(file, '');
  for (const [place, why] of [
    [file, /mine\.spec\.ts is no folder/],
    [join(file, 'below'), /below does not exist/],
  ] as const)
    assert.throws(() => findScenarios([], projectIn(process.cwd(), { FIREDRILL_SCENARIOS: place })), {
      code: 'scenario.no-folder',
      message: why,
    });
});

test('a name like none of ours lists what there is', () => {
  assert.match(
    refusal('zzzzzzzzzzzzzzzzzzzzzzzz').hint ?? '',
    /there are: slow, node-loss-of-two, node-loss, pod-kill, smoke/,
  );
});

test('one good filter does not excuse a bad one, and a file is found by its whole path', () => {
  const project = projectIn(process.cwd(), {});
  const path = join(project.directory, 'scenarios', 'node', 'node-loss.spec.ts');
  // As it is typed where its user stands, dots included.
  for (const typed of [path, './scenarios/../scenarios/node/node-loss.spec.ts'])
    assert.deepEqual(findScenarios([typed], project), [String.raw`scenarios/node/node-loss\.spec\.ts$`]);
  assert.throws(() => findScenarios(['node-loss', 'no-such-thing-at-all'], project), FiredrillError);
});

test('a path outside of the scenarios is no pattern that happens to match within', () => {
  const { code, message } = refusal('../node/node-loss');
  assert.equal(code, 'scenario.unknown');
  assert.equal(message, 'no scenario in the folder scenarios matches "../node/node-loss"');
  const files = FILES.map((file) => `../${file}`);
  assert.deepEqual(found('../scenarios/node/node-loss', files, '../scenarios'), [files[3]]);
});

test('an empty filter is refused: an unset variable would choose everything', () => {
  const project = projectIn(process.cwd(), {});
  for (const filter of ['', ' '])
    assert.throws(() => findScenarios(['node-loss', filter], project), {
      code: 'scenario.unknown',
      userError: true,
    });
});

test('no two scenarios of the project have one name: trials are told apart by it', () => {
  const names = globSync('scenarios/**/*.spec.ts', { cwd: projectIn(process.cwd(), {}).directory }).map(
    (file) => basename(file),
  );
  assert.deepEqual(names, [...new Set(names)]);
});
