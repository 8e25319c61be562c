import tseslint from 'typescript-eslint';

const HANDED_ON = 'The environment is read where a program begins, and handed on as a value.';

/** Where a program begins: a command, the test runner and what it loads, a supervisor, a watcher, a pod, a script of ours. */
const ENTRY_POINTS = [
  'harness/cli/{test,firedrill}.ts',
  'playwright.config.ts',
  'harness/fixtures/{bare-run,list-reporter,reporter,test}.ts',
  'infra/providers/*/supervisor.ts',
  'infra/servers/watch-session.ts',
  // No setting of a run but the speed of the machine, which is the same for all.
  'harness/core/patience.ts',
  '{healers,healers/witness,infra/agents/*}/main.ts',
  'scenarios/workloads/{**/*-main,byo/greeter}.ts',
  'ci/**',
];
/** The runner starts each test file as a program of its own; its environment is all that it is told. */
const TESTS = ['**/*.test.ts', '**/testing/**', 'harness/cli/meta/**'];

/** The environment by any other way than `process.env`, which has a rule of its own: nobody else gets hold of all of `process`. */
const ROUND_ABOUT = [
  'MemberExpression[computed=true][property.type!="Literal"][object.name="process"]',
  'MemberExpression[object.name=/^(global|globalThis)$/][property.name="process"]',
  'ImportExpression[source.value=/^(node:)?process$/]',
  ':matches(VariableDeclarator[id.type="Identifier"], Property) > Identifier[name="process"]:matches(.init, .value)',
  ':matches(AssignmentExpression, AssignmentPattern) > Identifier[name="process"].right',
  ':matches(CallExpression, NewExpression) > Identifier[name="process"].arguments',
  ':matches(ReturnStatement, ArrowFunctionExpression, SpreadElement) > Identifier[name="process"]:matches(.argument, .body)',
].map((selector) => ({ selector, message: HANDED_ON }));

export default tseslint.config(
  { ignores: ['node_modules', 'dist', 'reports/out', '.firedrill', 'scenarios/workloads/**/k6'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // A lock is held for as long as its name is in scope, whether anybody reads it or not.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreUsingDeclarations: true }],
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
      // One statement for each module that is imported, types among its names.
      'no-duplicate-imports': 'error',
      'no-restricted-properties': ['error', { object: 'process', property: 'env', message: HANDED_ON }],
      'no-restricted-imports': [
        'error',
        { paths: ['process', 'node:process'].map((name) => ({ name, message: HANDED_ON })) },
      ],
      'no-restricted-syntax': ['error', ...ROUND_ABOUT],
    },
  },
  {
    files: [...ENTRY_POINTS, ...TESTS],
    rules: { 'no-restricted-properties': 'off', 'no-restricted-syntax': 'off' },
  },
  {
    // What reads journals: arguments lie on the stack, where some 120,000 samples do not fit.
    files: ['harness/{core,judge,observe,trial}/**/*.ts', 'reports/**/*.ts'],
    ignores: ['**/*.test.ts', '**/testing/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...ROUND_ABOUT,
        {
          selector: 'CallExpression[callee.object.name="Math"] > SpreadElement.arguments',
          message: 'a long list does not fit into arguments: take largest or smallest of core/extremes.ts',
        },
        {
          selector: 'CallExpression[callee.property.name=/^(push|unshift)$/] > SpreadElement.arguments',
          message: 'a long list does not fit into arguments: append one by one',
        },
      ],
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
);
