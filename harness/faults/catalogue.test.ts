import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { CAPABILITIES } from '../core/capability.ts';
import { FAULTS, type FaultKind } from '../core/faults/catalogue.ts';
import * as builders from './builders.ts';
import { INJECTORS } from './registry.ts';
import { contractCaseOf, contractCasePath } from './testing/contract-case.ts';

const KINDS = Object.keys(FAULTS) as FaultKind[];
const BUILDERS = Object.entries(builders);
const codePath = (kind: string): string => contractCasePath(kind).replace('.contract-case.ts', '.ts');

/** The figures of stock Kubernetes are those after a power-off, and after no other fault. */
const OF_ONE_FAULT = 'reports/facts/stock.ts';

/** Where a fault's name is only that of the capability that it needs; everywhere else it is the fault's. */
const OF_CAPABILITIES = [
  'harness/core/capability.ts',
  'infra/machines/verbs.ts',
  'infra/providers/existing/existing-cluster.ts',
];

/** What we run, without tests: their number is nobody's burden. */
const SOURCES = globSync('{harness,healers,infra,reports}/**/*.ts')
  .filter((file) => !/\.test\.ts$|\/(testing|meta)\//.test(file) && file !== OF_ONE_FAULT)
  .map((file) => ({ file, text: readFileSync(file, 'utf8') }));

/** The files that know a fault, by its kind or by its builder. */
function filesThatKnow(kind: FaultKind, builder: string, sources: typeof SOURCES): string[] {
  const isCapability = (CAPABILITIES as readonly string[]).includes(kind);
  return sources
    .filter(({ file, text }) => {
      const names = isCapability && OF_CAPABILITIES.includes(file) ? [builder] : [`'${kind}'`, builder];
      return names.some((name) => text.includes(name));
    })
    .map(({ file }) => file);
}

describe('the catalogue of faults', () => {
  it('has code, and a contract case, of every kind, and of no kind that has no row', () => {
    const wanted = KINDS.flatMap((kind) => [codePath(kind), contractCasePath(kind)]);
    assert.deepEqual(globSync('harness/faults/catalogue/**/*.ts').sort(), wanted.sort());
    assert.deepEqual(INJECTORS.map(({ kind }) => kind).sort(), KINDS.toSorted());
  });

  for (const kind of KINDS)
    describe(kind, () => {
      const builder = BUILDERS.find(([, { injector }]) => injector.kind === kind)?.[0] ?? 'no builder';

      it('has words of its own, and its row in the file of its group', () => {
        const words = Object.values(FAULTS).map(({ done }) => done);
        assert.equal(words.filter((done) => done === FAULTS[kind].done).length, 1);
        const group = `harness/core/faults/catalogue/${kind.split('.')[0] ?? ''}.ts`;
        assert.ok(existsSync(group) && readFileSync(group, 'utf8').includes(`'${kind}'`), group);
      });

      it('has a contract case whose fault is of this kind', async () => {
        const { fault, nowhere, impossible } = await contractCaseOf(kind, 'node-1');
        assert.deepEqual([fault.kind, nowhere.kind, impossible.fault.kind], [kind, kind, kind]);
      });

      it('is in four files: row, code, contract case and the export of its builder', () => {
        const row = `harness/core/faults/catalogue/${kind.split('.')[0] ?? ''}.ts`;
        const wanted = [codePath(kind), contractCasePath(kind), 'harness/faults/builders.ts', row];
        assert.deepEqual(filesThatKnow(kind, builder, SOURCES).sort(), wanted.sort());
        const fifth = { file: 'harness/trial/trial.ts', text: `if (fault.kind === '${kind}') wait();` };
        assert.deepEqual(filesThatKnow(kind, builder, [fifth]), [fifth.file]);
      });
    });
});
