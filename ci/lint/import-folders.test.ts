import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ESLint, Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { MAY_IMPORT, forbiddenImport } from './import-folders.ts';
import { firedrillLint } from './plugin.ts';

function complaints(file: string, code: string): string[] {
  const linter = new Linter({ cwd: process.cwd() });
  return linter
    .verify(
      code,
      [
        {
          files: ['**/*.ts'],
          languageOptions: { parser: tseslint.parser },
          plugins: { firedrill: firedrillLint },
          rules: { 'firedrill/import-folders': 'error' },
        },
      ],
      join(process.cwd(), file),
    )
    .map((message) => message.message);
}

test('the linter reports an import that the table forbids', () => {
  const found = complaints('harness/core/clock.ts', "import { x } from '../../infra/kube/client.ts'; x();");
  assert.equal(found.length, 1);
  assert.match(found[0] ?? '', /harness\/core must not import infra\/kube\/client\.ts/);
});

test('re-exports and dynamic imports are imports, too', () => {
  assert.equal(complaints('healers/node/plan.ts', "export * from '../../harness/judge/judge.ts';").length, 1);
  assert.equal(
    complaints('healers/node/plan.ts', "export { a } from '../../harness/faults/a.ts';").length,
    1,
  );
  assert.equal(complaints('healers/node/plan.ts', "await import('../../harness/trial/trial.ts');").length, 1);
});

test('type-only imports are exempt', () => {
  assert.deepEqual(complaints('harness/core/a.ts', "import type { C } from '../../infra/cluster.ts';"), []);
  assert.deepEqual(complaints('harness/core/a.ts', "export type { C } from '../../infra/cluster.ts';"), []);
});

test('the table says what the architecture says', () => {
  const allowed: readonly [string, string][] = [
    ['harness/faults/registry.ts', '../core/faults/fault.ts'],
    ['harness/faults/targets/resolve.ts', '../../../infra/kube/client.ts'],
    ['harness/faults/catalogue/node/freeze.ts', '../../witness/kubelet-witness.ts'],
    ['harness/faults/catalogue/node/freeze.contract-case.ts', '../../testing/node-case.ts'],
    ['harness/trial/trial.ts', '../observe/probe.ts'],
    ['harness/fixtures/test.ts', '../../infra/provider.ts'],
    ['harness/index.ts', './fixtures/test.ts'],
    ['healers/node/act.ts', '../runtime/queue.ts'],
    ['healers/node/act.ts', '../../infra/kube/client.ts'],
    ['scenarios/node/node-loss.spec.ts', '../../harness/index.ts'],
    ['infra/agents/probe/main.ts', '../../../harness/core/clock.ts'],
    ['infra/monitoring/deploy.ts', '../agents/probe/manifest.ts'],
    ['reports/html/page.ts', '../../harness/core/verdict.ts'],
    ['infra/servers/engine.ts', 'testcontainers'],
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
    ['infra/servers/engine.ts', '../../harness/trial/trial.ts'],
    ['infra/providers/kind/traits.ts', '../existing/provider.ts'],
    ['infra/supervisor/reap.ts', '../providers/kind/sweep.ts'],
    ['harness/stage/prepare-stage.ts', '../run/run-context.ts'],
    ['harness/run/begin-run.ts', '../fixtures/test.ts'],
  ];
  for (const [file, specifier] of allowed) assert.equal(forbiddenImport(file, specifier), undefined, file);
  for (const [file, specifier] of forbidden)
    assert.ok(forbiddenImport(file, specifier), `${file} ${specifier}`);
});

test('the configuration of the repository applies the rule to every folder of the table', async () => {
  const eslint = new ESLint();
  for (const folder of Object.keys(MAY_IMPORT)) {
    const config = (await eslint.calculateConfigForFile(join(folder, 'any.ts'))) as Linter.Config;
    assert.deepEqual(config.rules?.['firedrill/import-folders'], [2], folder);
  }
});
