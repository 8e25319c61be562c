import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UNDO_CATALOGUE } from '../../harness/core/faults/undo-catalogue.ts';
import { INJECTORS } from '../../harness/faults/registry.ts';
import { runUndo } from './undo.ts';

function machines(state: { readonly fenced: boolean } | undefined) {
  const calls: string[] = [];
  const act = (name: string) => (node: string) => Promise.resolve(void calls.push(`${name} ${node}`));
  const all = { powerOn: act('powerOn'), thaw: act('thaw'), cableIn: act('cableIn') };
  return { calls, machines: { ...all, state: () => Promise.resolve(state) } };
}
const undo = (verb: string) => ({ verb, args: { node: 'node-1' } });

test("the supervisor can undo every fault of the registry, by the machine's own verb", async () => {
  const target = { kind: 'node', name: 'node-1', uid: 'u', node: 'node-1' } as const;
  assert.deepEqual(
    INJECTORS.map((injector) => injector.undo(target).verb).sort(),
    Object.keys(UNDO_CATALOGUE).sort(),
  );
  for (const [verb, { act }] of Object.entries(UNDO_CATALOGUE)) {
    const { calls, machines: all } = machines({ fenced: false });
    await runUndo(undo(verb), all);
    assert.deepEqual(calls, act === 'none' ? [] : [`${act} node-1`]);
  }
});

test('a fenced machine stays off, a retired one is left alone, an unknown verb is an error', async () => {
  const fenced = machines({ fenced: true });
  await runUndo(undo('node.power-on'), fenced.machines);
  await runUndo(undo('node.thaw'), fenced.machines);
  assert.deepEqual(fenced.calls, ['thaw node-1']);
  const retired = machines(undefined);
  await runUndo(undo('node.power-on'), retired.machines);
  assert.deepEqual(retired.calls, []);
  for (const verb of ['node.melt', 'toString'])
    await assert.rejects(runUndo(undo(verb), retired.machines), { code: 'undo.unknown-verb' });
});
