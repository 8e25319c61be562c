import { posix } from 'node:path';

/** What a provider stands on; never another provider. */
const BELOW_PROVIDERS = [
  'harness/core',
  'infra/agents',
  'infra/borrowed',
  'infra/engine',
  'infra/http',
  'infra/images',
  'infra/kube',
  'infra/machines',
  'infra/monitoring',
  'infra/process',
  'infra/supervisor',
  'infra/toolchain',
  'infra/undo',
];

/** What a path of the healer stands on; never another path, and never the harness: a healer must not know that it is tested. */
const BELOW_HEALER_PATHS = [
  'harness/core',
  'healers/cluster',
  'healers/incident',
  'healers/policy',
  'healers/runtime',
  'healers/safety',
  'infra/kube',
];

/**
 * Who may import whom: for each folder the folders of ours that its files may reach besides itself.
 * The longest folder name that fits a file decides. Type-only imports are exempt: they vanish before anything runs.
 */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'harness/core': [],
  'harness/faults': ['harness/core', 'infra/kube', 'infra/machines', 'harness/faults'],
  'harness/faults/catalogue': [
    'harness/core',
    'harness/faults/define-fault.ts',
    'harness/faults/targets',
    'harness/faults/witness',
  ],
  'harness/faults/targets': ['harness/core', 'infra/kube', 'infra/machines'],
  'harness/faults/witness': ['harness/core', 'infra/kube', 'infra/machines'],
  'harness/faults/guards': ['harness/core', 'infra/kube', 'infra/machines'],
  'harness/observe': ['harness/core', 'infra/kube', 'infra/http'],
  'harness/judge': ['harness/core'],
  'harness/load': ['harness/core', 'infra/kube', 'infra/http'],
  'harness/trial': [
    'harness/core',
    'harness/faults',
    'harness/observe',
    'harness/judge',
    'infra/kube',
    'infra/machines',
    'infra/undo',
  ],
  'harness/stage': ['harness/core', 'harness/load', 'infra', 'healers/deploy', 'scenarios/workloads'],
  'harness/run': [
    'harness/core',
    'harness/faults',
    'harness/observe',
    'harness/stage',
    'harness/trial',
    'infra',
    'healers/deploy',
    'reports',
  ],
  'harness/fixtures': ['harness', 'infra', 'reports'],
  'harness/cli': [
    'harness/core',
    'harness/judge',
    'harness/run',
    'harness/stage',
    'harness/trial',
    'infra',
    'reports',
  ],
  harness: ['harness/faults', 'harness/fixtures'],
  'healers/runtime': ['harness/core', 'infra/kube'],
  'healers/policy': ['harness/core', 'healers/runtime'],
  'healers/cluster': ['harness/core', 'healers/runtime', 'infra/kube'],
  'healers/incident': ['harness/core', 'healers/runtime'],
  'healers/safety': ['harness/core', 'healers/runtime', 'healers/cluster'],
  'healers/node': [...BELOW_HEALER_PATHS, 'infra/machines'],
  // The permissions are rows beside the calls that need them, so RBAC is made from healers/cluster.
  'healers/deploy': [
    'harness/core',
    'healers/cluster',
    'healers/policy',
    'healers/runtime',
    'infra/agents',
    'infra/images',
    'infra/kube',
  ],
  healers: ['harness/core', 'healers', 'infra/kube', 'infra/machines'],
  'infra/process': ['harness/core'],
  'infra/http': ['harness/core', 'infra/process'],
  'infra/kube': ['harness/core', 'infra/http'],
  'infra/machines': ['harness/core', 'infra/http'],
  'infra/undo': ['harness/core', 'infra/kube', 'infra/machines'],
  'infra/toolchain': ['harness/core', 'infra/process'],
  'infra/engine': ['harness/core', 'infra/process'],
  'infra/images': ['harness/core', 'infra/process', 'infra/toolchain'],
  'infra/agents': [
    'harness/core',
    'infra/kube',
    'infra/machines',
    'infra/http',
    'infra/process',
    'infra/undo',
  ],
  'infra/borrowed': ['harness/core', 'infra/kube', 'infra/agents'],
  'infra/monitoring': ['harness/core', 'infra/kube', 'infra/images', 'infra/agents'],
  'infra/servers': ['harness/core', 'infra/engine', 'infra/process', 'infra/toolchain', 'infra/images'],
  'infra/supervisor': [
    'harness/core',
    'infra/process',
    'infra/http',
    'infra/kube',
    'infra/images',
    'infra/machines',
    'infra/undo',
    'infra/toolchain',
    'infra/agents',
  ],
  'infra/providers/embedded': BELOW_PROVIDERS,
  'infra/providers/kind': BELOW_PROVIDERS,
  'infra/providers/existing': BELOW_PROVIDERS,
  infra: ['harness/core', 'infra'],
  'reports/facts': ['harness/core'],
  'reports/markup': [],
  'reports/terminal': ['harness/core', 'reports/facts'],
  'reports/timeline': ['harness/core', 'reports/facts', 'reports/markup'],
  'reports/page': ['harness/core', 'reports/facts', 'reports/markup', 'reports/timeline'],
  'reports/allure': ['harness/core', 'reports/facts', 'reports/markup'],
  'reports/summary': ['harness/core', 'reports/facts', 'reports/markup'],
  reports: ['harness/core', 'reports'],
  scenarios: ['harness/index.ts'],
  'scenarios/workloads': [],
};

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

/** The row of the table that holds for a file, or undefined where no rule does (root files, ci, tests). */
function ruleFor(file: string): string | undefined {
  if (/\.(test|contract-case)\.ts$|\/(testing|meta)\//.test(file)) return undefined;
  return Object.keys(MAY_IMPORT)
    .filter((folder) => isInside(file, folder))
    .sort((a, b) => b.length - a.length)[0];
}

/**
 * Why `file` must not import `specifier`, or undefined where it may.
 * Both paths are relative to the root of the repository, with slashes.
 */
export function forbiddenImport(file: string, specifier: string): string | undefined {
  const folder = ruleFor(file);
  const reserved = RESERVED.find(({ packages }) => packages.test(specifier));
  if (reserved !== undefined) {
    const { places, why } = reserved;
    const allowed = folder === undefined || places.some((place) => isInside(file, place));
    return allowed ? undefined : `${file} must not import ${specifier}: only ${places.join(', ')} do; ${why}`;
  }
  if (folder === undefined || !specifier.startsWith('.')) return undefined;
  const target = posix.normalize(posix.join(posix.dirname(file), specifier));
  if (target.endsWith('.contract-case.ts'))
    return `${file} must not import ${target}: only the contract of faults does`;
  const isApart = APART.includes(folder);
  if (!isApart && isInside(target, folder) && ruleFor(target) === folder) return undefined;
  if ((MAY_IMPORT[folder] ?? []).some((place) => isInside(target, place))) return undefined;
  return `${folder} must not import ${target}: MAY_IMPORT of ci/lint/import-folders.ts says what it may`;
}
