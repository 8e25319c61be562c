import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { areas } from './areas.ts';
import { EQUIVALENTS, isEquivalent } from './equivalents.ts';
import { draw, mutantsIn, mutantsOf } from './mutants.ts';
import type { Kinds } from './mutations.ts';
import { nearestTests } from './nearest-tests.ts';
import { TypeCheck } from './type-check.ts';

const root = dirname(dirname(import.meta.dirname));

const changesOf = (text: string, kinds: Kinds = {}): readonly string[] =>
  mutantsIn('a.ts', text, kinds).map(({ operator, after }) => `${operator}: ${after}`);

test('each operator makes of a text what it is named for', () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    'x = a < b || c': ['statement: {}', 'logic: x = a < b && c', 'boundary: x = a <= b || c'],
    'const x = a === b - c': ['equality: const x = a !== b - c', 'arithmetic: const x = a === b + c'],
    'const x = a ?? b': ['fallback: const x = (a)', 'fallback: const x = (b)'],
    'const x = a?.b': ['optional: const x = a!.b'],
    'const x = [...a.filter(f)].some(g)': [
      'quantifier: const x = [...a.filter(f)].every(g)',
      'dropped: const x = [...a].some(g)',
    ],
    'const x = Math.min(a.findLast(f), 1_000)': [
      'extreme: const x = Math.max(a.findLast(f), 1_000)',
      'search: const x = Math.min(a.find(f), 1_000)',
      'number: const x = Math.min(a.findLast(f), 2000)',
    ],
    'const x = a ? b : c': [
      'condition: const x = !(a) ? b : c',
      'constant: const x = true ? b : c',
      'constant: const x = false ? b : c',
    ],
    'const f = () => {\n  await g();\n  return a;\n}': ['statement: {}'],
    'const f = () => {\n  while (a) {\n    if (b) return c;\n  }\n}': [
      ...['condition: while (!(a)) {', 'constant: while (true) {', 'constant: while (false) {'],
      ...[
        'condition: if (!(b)) return c;',
        'constant: if (true) return c;',
        'constant: if (false) return c;',
      ],
      'statement: if (b) {}',
    ],
  };
  for (const [text, changes] of Object.entries(cases)) assert.deepEqual(changesOf(text), changes, text);
});

test('a number that counts becomes one more, and a measure twice as much', () => {
  for (const [number, other] of Object.entries({ 0: 1, 9: 10, 0.15: 1.15, 10: 20, 10_000: 20_000 }))
    assert.deepEqual(changesOf(`const x = ${number}`), [`number: const x = ${other}`]);
});

test('the order of keys is turned round or lost, and no change is made that leaves it', () => {
  const after = (call: string): readonly string[] => changesOf(`const x = ${call}`);
  assert.deepEqual(after('a.toSorted((b, c) => (b < c ? -1 : 1))'), [
    'dropped: const x = a',
    'condition: const x = a.toSorted((b, c) => (!(b < c) ? -1 : 1))',
    'constant: const x = a.toSorted((b, c) => (true ? -1 : 1))',
    'constant: const x = a.toSorted((b, c) => (false ? -1 : 1))',
  ]);
  assert.ok(after('a.map((b, c) => (b < c ? -1 : 1))').some((change) => change.startsWith('boundary')));
  assert.ok(after('a.sort((b, c) => (b < c ? d : 1))').some((change) => change.startsWith('boundary')));
});

test('types, imports and the next steps of errors stay; texts are emptied where they are what a file is for', () => {
  const left = [
    "import a from 'a'",
    'let x: 1',
    "interface A { a: 'b' }",
    "export { a } from 'a'",
    "const x = { hint: a ? 'b' : `c${1}` }",
    "const x = { 'a': b['c'] }",
    "switch (a) { case 'b': }",
  ];
  for (const text of left) assert.deepEqual(changesOf(text, { hasWords: true }), [], text);
  assert.deepEqual(changesOf("const x = ['a', `b${c}`]"), []);
  assert.deepEqual(changesOf("const x = ['a', `b${c}`]", { hasWords: true }), [
    "text: const x = ['', `b${c}`]",
    "text: const x = ['a', '']",
  ]);
});

test('parts of what a function makes are left out where it is sent or written, and of a constant none', () => {
  const made = 'const f = () => g({ ...a, b: [c] })';
  assert.deepEqual(changesOf(made), []);
  assert.deepEqual(changesOf(made, { hasBodies: true }), [
    'part: const f = () => g({ ...{}, b: [c] })',
    'part: const f = () => g({ ...a, ...{} })',
    'part: const f = () => g({ ...a, b: [...[]] })',
  ]);
  assert.deepEqual(changesOf('const x = { a: [b] }', { hasBodies: true }), []);
});

test('a seed draws the same mutants again, another seed others, and what has no sound types is none', () => {
  const all = mutantsOf(areas[0]!, root);
  const draws = (seed: number) => [...draw(all, seed, 20, ({ operator }) => operator !== 'number')];
  assert.equal(draws(1).length, 20);
  assert.deepEqual(draws(1), draws(1));
  assert.notDeepEqual(draws(1), draws(2));
  assert.ok(draws(1).every(({ operator }) => operator !== 'number'));
  const sound = 'export const a: number = 1;\n';
  const types = new TypeCheck(root, [`${root}/ci/mutants/areas.ts`]);
  assert.ok(types.accepts(`${root}/ci/mutants/areas.ts`, sound));
  assert.ok(!types.accepts(`${root}/ci/mutants/areas.ts`, sound.replace('1', "''")));
  assert.ok(!types.accepts(`${root}/ci/mutants/areas.ts`, `${sound}(`));
});

test('the tests of a file are those that reach it over two imports, and those of its folder', () => {
  const graph = new Map([
    ['/a/one.test.ts', ['/a/file.ts']],
    ['/b/near.ts', ['/a/file.ts']],
    ['/b/two.test.ts', ['/b/near.ts']],
    ['/b/far.ts', ['/b/near.ts']],
    ['/b/three.test.ts', ['/b/far.ts']],
    ['/a/beside.test.ts', []],
  ]);
  const tests = [...graph.keys()].filter((file) => file.endsWith('.test.ts'));
  assert.deepEqual(nearestTests('/a/file.ts', graph, tests), [
    '/a/one.test.ts',
    '/b/two.test.ts',
    '/a/beside.test.ts',
  ]);
});

test('each area has mutants, and each equivalent one is among them', () => {
  const mutants = areas.flatMap((area) => {
    const ofArea = mutantsOf(area, root);
    assert.ok(ofArea.length > 0, area.name);
    return ofArea;
  });
  const stray = EQUIVALENTS.filter((listed) => !mutants.some((mutant) => isEquivalent(mutant, [listed])));
  assert.deepEqual(stray, []);
});
