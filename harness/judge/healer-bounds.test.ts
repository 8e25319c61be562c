import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EntryOf } from '../core/journal/journal.ts';
import type { Finding } from '../core/verdict.ts';
import { judge } from './judge.ts';
import {
  at,
  REQUESTED_MS,
  synthesise,
  WALL_AHEAD_MS,
  withEntries,
  type Timed,
} from './testing/synthetic-trial.ts';

type ApiCall = Omit<EntryOf<'api.audit'>, 'kind' | 'seq' | 'monoMs' | 'wallMs'>;
const HEALER = 'system:serviceaccount:firedrill-system:firedrill-healer';
const FROM_MS = REQUESTED_MS + 2_000;

function write(sinceMs: number, call: Partial<ApiCall>): Timed {
  const atMs = FROM_MS + sinceMs;
  const wall = atMs + WALL_AHEAD_MS;
  const usual = { user: HEALER, verb: 'patch', resource: 'nodes', name: 'node-2', code: 200 };
  return at(atMs, { kind: 'api.audit', ...usual, receivedWallMs: wall, stageWallMs: wall + 1, ...call });
}

const record = write(0, {});
const deletion = { verb: 'delete', resource: 'pods', namespace: 'storefront', name: 'web-1' };
const replaced = (node: string): Timed =>
  at(FROM_MS, { kind: 'machine', call: 'replace', node, caller: '10.0.0.5', result: 'ok, attempt a1' });
const web1 = at(REQUESTED_MS - 5_000, {
  ...{ kind: 'watch', change: 'added', object: 'Pod', namespace: 'storefront', name: 'web-1', uid: 'web-1' },
  facts: { node: 'node-2' },
} as const);
const watched = (['api.audit', 'machine'] as const).map((observer) =>
  at(REQUESTED_MS - 11_900, { kind: 'observer', observer, state: 'started' }),
);

function boundsOf(writes: readonly Timed[], observers = watched): Finding | undefined {
  const { findings } = judge(withEntries(synthesise(), [...observers, web1, ...writes]));
  return findings.find(({ check }) => check === 'healer-bounds');
}

test('a whole treatment is within the bounds: record, account, pods, ledger, replacement, and last the Node', () => {
  const treatment = [
    write(-1, { verb: 'create', resource: 'configmaps', name: 'firedrill-healer-ledger' }),
    write(-1, { verb: 'patch', resource: 'serviceaccounts', name: 'firedrill-healer' }),
    record,
    write(10, deletion),
    write(20, { verb: 'update', resource: 'configmaps', name: 'firedrill-healer-ledger' }),
    replaced('node-2'),
    write(30, { verb: 'delete', resource: 'nodes' }),
  ];
  assert.equal(boundsOf(treatment)?.outcome, 'held');
});

const broken: Readonly<Record<string, readonly [readonly Timed[], RegExp]>> = {
  'a call that is not among its own': [
    [write(0, { verb: 'create', resource: 'secrets' })],
    /no business with create secrets/,
  ],
  "another's ConfigMap": [
    [write(0, { verb: 'update', resource: 'configmaps', name: 'x' })],
    /no business with update/,
  ],
  'a pod that goes before the record is on its node': [
    [write(0, deletion), write(10, {})],
    /delete pods storefront\/web-1 without its record/,
  ],
  'a pod that goes after a record on another node': [
    [write(0, { name: 'node-1' }), write(10, deletion)],
    /without its record/,
  ],
  'a pod that goes after a record that was refused': [
    [write(0, { code: 403 }), write(10, deletion)],
    /without its record/,
  ],
  'an eviction before the record': [
    [write(0, { ...deletion, verb: 'create', resource: 'pods/eviction' })],
    /without its record/,
  ],
  'a Node that goes and whose machine was not replaced': [
    [record, replaced('node-1'), write(9, { verb: 'delete', resource: 'nodes' })],
    /machine was not replaced/,
  ],
  'more than 50 writes within a second': [
    Array.from({ length: 51 }, (_, each) => write(each * 10, {})),
    /more than 50 times within 1 s/,
  ],
  'a refused write again and again': [
    Array.from({ length: 26 }, (_, each) => write(each * 300, { code: 403 })),
    /patch nodes node-2 was refused more than 25 times within 10 s/,
  ],
};
for (const [what, [writes, reason]] of Object.entries(broken)) {
  test(`the healer leaves its bounds by ${what}`, () => {
    const finding = boundsOf(writes);
    assert.equal(finding?.outcome, 'violated');
    assert.match(finding.reason, reason);
  });
}

test('50 writes a second and a refusal twice a second are within the bounds, as is what others write', () => {
  const many = Array.from({ length: 200 }, (_, each) => write(each * 20, {}));
  const refused = Array.from({ length: 40 }, (_, each) => write(each * 500, { name: 'node-3', code: 429 }));
  const others = Array.from({ length: 300 }, (_, each) => write(each, { ...deletion, user: 'someone' }));
  for (const writes of [many, refused, others]) assert.equal(boundsOf(writes)?.outcome, 'held');
});

test('where nobody read the audit log, or the healer is not ours, nothing is said', () => {
  assert.equal(boundsOf([write(0, deletion)], []), undefined);
  const gap = at(FROM_MS, {
    kind: 'observer',
    observer: 'api.audit',
    state: 'gap',
    fromMonoMs: FROM_MS - 1,
    toMonoMs: FROM_MS,
  });
  assert.equal(boundsOf([write(0, deletion)], [...watched, gap]), undefined);
});
