import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/**
 * Who may import whom, one row per folder: the folders of ours that its files must not reach.
 * Type-only imports are exempt: they vanish before anything runs.
 */
const FOLDERS = {
  'harness/core': [
    'harness/faults',
    'harness/observe',
    'harness/judge',
    'harness/load',
    'harness/trial',
    'harness/fixtures',
    'harness/cli',
    'infra',
    'healers',
    'reports',
    'scenarios',
    'ci',
  ],
  infra: [
    'harness/faults',
    'harness/observe',
    'harness/judge',
    'harness/load',
    'harness/trial',
    'harness/fixtures',
    'harness/cli',
    'reports',
    'scenarios',
  ],
  healers: [
    'harness/faults',
    'harness/observe',
    'harness/judge',
    'harness/load',
    'harness/trial',
    'harness/fixtures',
    'harness/cli',
    'reports',
    'scenarios',
    'infra/!(kube)',
  ],
  'harness/faults': [
    'harness/observe',
    'harness/judge',
    'harness/load',
    'harness/trial',
    'harness/fixtures',
    'harness/cli',
    'healers',
    'reports',
    'scenarios',
    'infra/!(kube)',
  ],
  'harness/observe': [
    'harness/faults',
    'harness/judge',
    'harness/load',
    'harness/trial',
    'harness/fixtures',
    'harness/cli',
    'healers',
    'reports',
    'scenarios',
    'infra/!(kube)',
  ],
  'harness/judge': [
    'harness/faults',
    'harness/observe',
    'harness/load',
    'harness/trial',
    'harness/fixtures',
    'harness/cli',
    'healers',
    'reports',
    'scenarios',
    'infra/!(kube)',
  ],
  'harness/load': [
    'harness/faults',
    'harness/observe',
    'harness/judge',
    'harness/trial',
    'harness/fixtures',
    'harness/cli',
    'healers',
    'reports',
    'scenarios',
    'infra/!(kube)',
  ],
  'harness/trial': ['harness/fixtures', 'harness/cli', 'healers', 'reports', 'scenarios'],
  reports: [
    'harness/faults',
    'harness/observe',
    'harness/judge',
    'harness/load',
    'harness/trial',
    'harness/fixtures',
    'harness/cli',
    'infra',
    'healers',
    'scenarios',
  ],
};

const zones = Object.entries(FOLDERS).flatMap(([folder, forbidden]) =>
  forbidden.map((other) => ({
    target: `./${folder}/**/!(*.test).ts`,
    from: other.includes('!(') ? './infra' : `./${other}`,
    ...(other.includes('!(') ? { except: ['./kube'] } : {}),
    message: `${folder} must not import ${other.replace('!(kube)', '(but kube)')}: see ARCHITECTURE.md, "Who may import whom"`,
  })),
);

export default tseslint.config(
  { ignores: ['node_modules', 'dist', 'reports/out', '.firedrill'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['**/*.test.ts'],
    // node:test hands its promises to the runner, which awaits them.
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['test', 'it', 'describe', 'suite'] },
          ],
        },
      ],
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['scenarios/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['../harness/*/*', '../infra/*', '../healers/*', '../reports/*', '@playwright/*'],
              message: 'a scenario imports harness/index.ts only',
            },
          ],
        },
      ],
    },
  },
);
