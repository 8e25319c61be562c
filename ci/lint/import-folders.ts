import { posix } from 'node:path';

/**
 * Who may import whom: before the colon a folder, after it the folders and files of ours that its files may reach besides
 * itself. The longest folder that fits a file decides; `PARENT/*` stands for each folder in it, which keeps siblings apart.
 * Type-only imports are exempt: they vanish before anything runs.
 */
const TABLE = `
harness/core:
harness/faults: harness/core harness/faults infra/kube
harness/faults/catalogue: harness/faults/define-fault.ts harness/faults/witness
harness/faults/targets: harness/core
harness/faults/witness: harness/core
harness/faults/guards: harness/core
harness/observe: harness/core infra/http infra/kube
harness/judge: harness/core
harness/load: harness/core infra/http infra/kube
harness/trial: harness/core harness/faults harness/judge infra/kube infra/machines infra/undo
harness/stage: harness/core harness/load infra healers/deploy scenarios/workloads
harness/run: harness/core harness/faults harness/observe harness/stage harness/trial infra healers/deploy reports
harness/fixtures: harness infra reports
harness/cli: harness/core harness/judge harness/run harness/stage harness/trial infra reports
harness: harness/faults harness/fixtures

healers/runtime: harness/core infra/http infra/kube
healers/policy: harness/core
healers/cluster: harness/core healers/runtime infra/kube
healers/incident:
healers/safety: harness/core healers/cluster
healers/witness: harness/core healers/cluster healers/runtime
healers/node: harness/core healers/cluster healers/incident healers/runtime healers/safety healers/witness infra/machines
healers/deploy: harness/core healers/cluster healers/policy healers/runtime infra/agents infra/images infra/kube
healers: harness/core healers infra/kube infra/machines

infra/process: harness/core
infra/http: harness/core
infra/kube: harness/core infra/http
infra/machines: harness/core
infra/undo: harness/core infra/kube infra/machines
infra/toolchain: harness/core infra/http infra/process
infra/kubeconfig: harness/core infra/http infra/process infra/toolchain
infra/engine: harness/core infra/process
infra/images: harness/core infra/toolchain
infra/agents: harness/core infra/http infra/kube infra/machines infra/undo
infra/borrowed: harness/core infra/agents infra/kube
infra/monitoring: harness/core infra/agents infra/http infra/images infra/kube
infra/servers: harness/core infra/engine infra/images infra/process infra/toolchain
infra/supervisor: harness/core infra/http infra/images infra/kube infra/machines infra/process infra/undo
infra/providers/*: harness/core infra/agents infra/borrowed infra/engine infra/http infra/images infra/kube infra/kubeconfig
  infra/machines infra/process infra/supervisor infra/toolchain
infra: harness/core infra

reports/facts: harness/core
reports/markup: harness/core
reports/terminal: harness/core reports/facts
reports/timeline: harness/core reports/facts reports/markup
reports/page: harness/core reports/facts reports/markup reports/timeline
reports/allure: harness/core reports/facts reports/markup
reports/summary: harness/core reports/facts reports/markup
reports: harness/core reports

scenarios: harness/index.ts
scenarios/workloads:
`;

/** A row of the table. */
interface Row {
  readonly pattern: string;
  readonly places: readonly string[];
}

export const MAY_IMPORT: readonly Row[] = TABLE.trim()
  .split(/\n+(?=\S)/)
  .map((row) => row.split(/:?\s+|:$/).filter(Boolean))
  .map(([pattern = '', ...places]) => ({ pattern, places }));

/** Files of these folders know nothing of each other. */
const APART = ['harness/faults/catalogue'];

/** Packages that only some places may import, and why. */
const RESERVED: readonly {
  readonly packages: RegExp;
  readonly places: readonly string[];
  readonly why: string;
}[] = [
  {
    packages: /^(@playwright\/|playwright)/,
    places: ['harness/fixtures', 'harness/index.ts', 'playwright.config.ts'],
    why: 'everything else has to work without a test runner',
  },
  {
    packages: /^(@testcontainers\/|testcontainers$|dockerode$)/,
    places: ['infra/servers'],
    why: 'whoever starts containers by it has to see to their end, too',
  },
];

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** The row of the table that holds for a file, with the folder that it means; undefined where no rule does (root files, ci, tests). */
export function rowFor(file: string): { readonly row: Row; readonly folder: string } | undefined {
  if (/\.(test|contract-case)\.ts$|\/(testing|meta)\//.test(file)) return undefined;
  return MAY_IMPORT.filter(({ pattern }) => isInside(file, pattern.replace('/*', '')))
    .map((row) => ({ row, folder: file.split('/').slice(0, row.pattern.split('/').length).join('/') }))
    .sort((a, b) => b.folder.length - a.folder.length)[0];
}

/**
 * Why `file` must not import `specifier`, or undefined where it may.
 * Both paths are relative to the root of the repository, with slashes.
 */
export function forbiddenImport(file: string, specifier: string): string | undefined {
  const rule = rowFor(file);
  const reserved = RESERVED.find(({ packages }) => packages.test(specifier));
  if (reserved !== undefined) {
    const { places, why } = reserved;
    const allowed = rule === undefined || places.some((place) => isInside(file, place));
    return allowed ? undefined : `${file} must not import ${specifier}: only ${places.join(', ')} do; ${why}`;
  }
  if (rule === undefined || !specifier.startsWith('.')) return undefined;
  const target = targetOf(file, specifier);
  if (target.endsWith('.contract-case.ts'))
    return `${file} must not import ${target}: only the contract of faults does`;
  const { folder, row } = rule;
  if (isOfFolder(target, folder) || row.places.some((place) => isInside(target, place))) return undefined;
  return `${file} must not import ${target}: the table of ci/lint/import-folders.ts says what ${folder} may`;
}

/** Permissions of the table that none of these imports (file and specifier) needs, as `ROW: PLACE`. Tests may all, and need none. */
export function unusedPermissions(imports: Iterable<readonly [file: string, specifier: string]>): string[] {
  const used = new Set<string>();
  for (const [file, specifier] of imports) {
    const { row, folder } = rowFor(file) ?? {};
    const target = targetOf(file, specifier);
    if (row === undefined || isOfFolder(target, folder)) continue;
    for (const place of row.places) if (isInside(target, place)) used.add(`${row.pattern}: ${place}`);
  }
  return MAY_IMPORT.flatMap(({ pattern, places }) => places.map((place) => `${pattern}: ${place}`)).filter(
    (permission) => !used.has(permission),
  );
}

function targetOf(file: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(file), specifier));
}

/** Whether a file is one that the files of a folder may reach without a permission. */
function isOfFolder(target: string, folder: string | undefined): boolean {
  return folder !== undefined && !APART.includes(folder) && rowFor(target)?.folder === folder;
}
