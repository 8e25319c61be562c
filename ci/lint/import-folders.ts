import { posix } from 'node:path';

/**
 * Who may import whom: for each folder the folders of ours that its files may reach besides itself.
 * The longest folder name that fits a file decides. Type-only imports are exempt: they vanish before anything runs.
 */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'harness/core': [],
  'harness/faults': ['harness/core', 'infra/kube'],
  'harness/observe': ['harness/core', 'infra/kube'],
  'harness/judge': ['harness/core', 'infra/kube'],
  'harness/load': ['harness/core', 'infra/kube'],
  'harness/trial': [
    'harness/core',
    'harness/faults',
    'harness/observe',
    'harness/judge',
    'harness/load',
    'infra/kube',
  ],
  'harness/fixtures': ['harness', 'infra', 'healers/deploy', 'reports', 'scenarios/workloads'],
  'harness/cli': ['harness', 'infra', 'healers/deploy', 'reports', 'scenarios/workloads', 'ci'],
  harness: ['harness'],
  healers: ['harness/core', 'infra/kube'],
  // The machine protocol is a contract between whoever asks and whoever serves machines; agents come with their manifests.
  infra: ['harness/core', 'healers/machines', 'infra/agents'],
  'infra/agents': ['harness/core', 'healers/machines', 'infra/kube'],
  reports: ['harness/core'],
  scenarios: ['harness/index.ts'],
  'scenarios/workloads': [],
};

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
export function ruleFor(file: string): string | undefined {
  if (file.endsWith('.test.ts') || file.includes('/testing/')) return undefined;
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
  if (isInside(target, folder) && ruleFor(target) === folder) return undefined;
  if ((MAY_IMPORT[folder] ?? []).some((place) => isInside(target, place))) return undefined;
  return `${folder} must not import ${target}: see ARCHITECTURE.md, "Who may import whom"`;
}
