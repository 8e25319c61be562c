import assert from 'node:assert/strict';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { forbiddenImport, MAY_IMPORT, rowFor, unusedPermissions } from './import-folders.ts';
import { importsOf, readSources } from './imports.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SOURCES = readSources();
/** Each file, relative to the root, with each place that it imports when it runs. */
const IMPORTS = SOURCES.flatMap((source) =>
  importsOf(source)
    .filter(({ isType }) => !isType)
    .map(({ specifier }) => [relative(ROOT, source.fileName), specifier] as const),
);

test('the table says what the architecture says', () => {
  const allowed: readonly [string, string][] = [
    ['harness/faults/registry.ts', '../core/faults/fault.ts'],
    ['harness/faults/pod-access.ts', '../../infra/kube/client.ts'],
    ['harness/faults/catalogue/node/freeze.ts', '../../witness/kubelet-witness.ts'],
    ['harness/faults/catalogue/node/freeze.contract-case.ts', '../../testing/node-case.ts'],
    ['harness/trial/trial.ts', '../judge/judge.ts'],
    ['harness/fixtures/test.ts', '../../infra/provider.ts'],
    ['harness/index.ts', './fixtures/test.ts'],
    ['healers/node/act.ts', '../runtime/queue.ts'],
    ['healers/cluster/nodes.ts', '../../infra/kube/client.ts'],
    ['scenarios/node/node-loss.spec.ts', '../../harness/index.ts'],
    ['infra/agents/probe/main.ts', '../../../harness/core/clock.ts'],
    ['infra/monitoring/deploy.ts', '../agents/probe/manifest.ts'],
    ['reports/html/page.ts', '../../harness/core/verdict.ts'],
    ['infra/servers/open-engine.ts', 'testcontainers'],
    ['infra/providers/kind/provider.ts', '../../kube/pod-network.ts'],
    ['infra/provider.ts', './providers/kind/provider.ts'],
    ['harness/fixtures/test.ts', '../../infra/servers/index.ts'],
  ];
  const forbidden: readonly [string, string][] = [
    ['harness/faults/registry.ts', '../observe/probe.ts'],
    ['harness/faults/catalogue/node/freeze.ts', './power-off.ts'],
    ['harness/faults/catalogue/node/freeze.ts', '../../../../infra/kube/client.ts'],
    ['harness/faults/registry.ts', './catalogue/node/freeze.contract-case.ts'],
    ['harness/judge/judge.ts', '../load/k6.ts'],
    ['harness/trial/trial.ts', '../fixtures/test.ts'],
    ['healers/node/plan.ts', '../../harness/faults/registry.ts'],
    ['healers/node/plan.ts', '../pod/plan.ts'],
    ['healers/runtime/leadership.ts', '../cluster/nodes.ts'],
    ['healers/safety/ledger.ts', '../node/plan.ts'],
    ['infra/providers/embedded/provider.ts', '../../harness/trial/trial.ts'],
    ['infra/agents/probe/main.ts', '../../monitoring/deploy.ts'],
    ['reports/html/page.ts', '../../infra/cluster.ts'],
    ['scenarios/node/node-loss.spec.ts', '../../harness/core/slo/slo.ts'],
    ['scenarios/workloads/storefront/web.ts', '../../../harness/core/clock.ts'],
    ['harness/trial/trial.ts', '@playwright/test'],
    ['infra/providers/kind/provider.ts', 'testcontainers'],
    ['harness/fixtures/test.ts', 'testcontainers'],
    ['infra/servers/open-engine.ts', '../../harness/trial/trial.ts'],
    ['infra/providers/kind/descriptor.ts', '../existing/provider.ts'],
    ['infra/supervisor/reap.ts', '../providers/kind/sweep.ts'],
    ['harness/stage/prepare-stage.ts', '../run/run-context.ts'],
    ['harness/run/begin-run.ts', '../fixtures/test.ts'],
  ];
  for (const [file, specifier] of allowed) assert.equal(forbiddenImport(file, specifier), undefined, file);
  for (const [file, specifier] of forbidden)
    assert.ok(forbiddenImport(file, specifier), `${file} ${specifier}`);
});

test('no file of this project imports what the table forbids, and each row of the table has files', () => {
  assert.ok(SOURCES.length > 100, `only ${SOURCES.length} files were looked at`);
  const problems = IMPORTS.flatMap(([file, specifier]) => forbiddenImport(file, specifier) ?? []);
  assert.deepEqual(problems, []);
  const used = new Set(SOURCES.map(({ fileName }) => rowFor(relative(ROOT, fileName))?.row));
  assert.deepEqual(
    MAY_IMPORT.filter((row) => !used.has(row)),
    [],
  );
});

test('every permission of the table is one that an import needs, what files of one folder import of each other being none', () => {
  const [one, ...others] = [
    ['infra/undo/execute-undo.ts', '../machines/verbs.ts'],
    ['infra/undo/execute-undo.ts', './registry.ts'],
    ['infra/undo/execute-undo.test.ts', '../machines/verbs.ts'],
  ] as const;
  assert.ok(!unusedPermissions([one]).includes('infra/undo: infra/machines'));
  assert.ok(unusedPermissions(others).includes('infra/undo: infra/machines'));
  assert.deepEqual(unusedPermissions(IMPORTS), []);
});
