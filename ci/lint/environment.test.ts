import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ESLint, Linter } from 'eslint';

const eslint = new ESLint({ cwd: join(import.meta.dirname, '..', '..') });
const RULES = ['no-restricted-properties', 'no-restricted-imports', 'no-restricted-syntax'];

/** How often our rules on the environment object to a text that stands in a file. */
async function objections(file: string, text: string): Promise<number> {
  const { rules } = (await eslint.calculateConfigForFile(file)) as { rules: Linter.RulesRecord };
  const own = Object.fromEntries(RULES.map((name) => [name, rules[name] ?? 'off']));
  return new Linter().verify(text, { rules: own }).length;
}

test('below the entry points nothing reads the environment, by whatever way', async () => {
  const ways = [
    'process.env.HOME;',
    "process['env'];",
    'process[name];',
    'const { env } = process;',
    'const me = process;',
    'let me; me = process;',
    'read(process);',
    'const read = (me = process) => me;',
    'const read = () => process;',
    'function read() { return process; }',
    'const all = { process };',
    'globalThis.process.env;',
    "import { env } from 'process';",
    "import proc from 'node:process';",
    "const { env } = await import('node:process');",
  ];
  for (const file of ['infra/kube/client.ts', 'harness/core/errors.ts'])
    for (const way of ways) assert.equal(await objections(file, way), 1, `${file}: ${way}`);
});

test('an entry point reads it, and everybody may ask for the rest of the process', async () => {
  assert.equal(await objections('harness/cli/test.ts', 'process.env.HOME;'), 0);
  const others = ['process.pid;', 'const { execPath } = process;', 'this.process = child;', 'a.process.pid;'];
  for (const other of others) assert.equal(await objections('infra/kube/client.ts', other), 0, other);
});
