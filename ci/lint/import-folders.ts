import { posix } from 'node:path';

/**
 * Who may import whom: before the colon a folder, after it the folders and files of ours that its files may reach besides
 * itself. The longest folder that fits a file decides; `PARENT/*` stands for each folder in it, which keeps siblings apart.
 * Type-only imports are exempt: they vanish before anything runs.
 */
const TABLE = `
harness/core:
harness/faults: harness/core harness/faults infra/kube infra/machines
harness/faults/catalogue: harness/core harness/faults/define-fault.ts harness/faults/targets harness/faults/witness
harness/faults/targets: harness/core infra/kube infra/machines
harness/faults/witness: harness/core infra/kube infra/machines
harness/faults/guards: harness/core infra/kube infra/machines
harness/observe: harness/core infra/http infra/kube
harness/judge: harness/core
harness/load: harness/core infra/http infra/kube
harness/trial: harness/core harness/faults harness/judge harness/observe infra/kube infra/machines infra/undo
harness/stage: harness/core harness/load infra healers/deploy scenarios/workloads
harness/run: harness/core harness/faults harness/observe harness/stage harness/trial infra healers/deploy reports
harness/fixtures: harness infra reports
harness/cli: harness/core harness/judge harness/run harness/stage harness/trial infra reports
harness: harness/faults harness/fixtures

healers/runtime: harness/core infra/kube
healers/policy: harness/core healers/runtime
healers/cluster: harness/core healers/runtime infra/kube
healers/incident: harness/core healers/runtime
healers/safety: harness/core healers/cluster healers/runtime
healers/node: harness/core healers/cluster healers/incident healers/policy healers/runtime healers/safety
  infra/kube infra/machines
healers/deploy: harness/core healers/cluster healers/policy healers/runtime infra/agents infra/images infra/kube
healers: harness/core healers infra/kube infra/machines

infra/process: harness/core
infra/http: harness/core infra/process
infra/kube: harness/core infra/http
infra/machines: harness/core infra/http
infra/undo: harness/core infra/kube infra/machines
infra/toolchain: harness/core infra/process
infra/engine: harness/core infra/process
infra/images: harness/core infra/process infra/toolchain
infra/agents: harness/core infra/http infra/kube infra/machines infra/process infra/undo
infra/borrowed: harness/core infra/agents infra/kube
infra/monitoring: harness/core infra/agents infra/images infra/kube
infra/servers: harness/core infra/engine infra/images infra/process infra/toolchain
infra/supervisor: harness/core infra/agents infra/http infra/images infra/kube infra/machines infra/process
  infra/toolchain infra/undo
infra/providers/*: harness/core infra/agents infra/borrowed infra/engine infra/http infra/images infra/kube
  infra/machines infra/monitoring infra/process infra/supervisor infra/toolchain infra/undo
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
  const target = posix.normalize(posix.join(posix.dirname(file), specifier));
  if (target.endsWith('.contract-case.ts'))
    return `${file} must not import ${target}: only the contract of faults does`;
  const { folder, row } = rule;
  if (!APART.includes(folder) && rowFor(target)?.folder === folder) return undefined;
  if (row.places.some((place) => isInside(target, place))) return undefined;
  return `${file} must not import ${target}: the table of ci/lint/import-folders.ts says what ${folder} may`;
}
