import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requireChangesSeen } from './only-changed.ts';

test('what has changed is chosen only where the test runner can see the changes', () => {
  const inPackage = {
    configuration: '/p/node_modules/firedrill/dist/playwright.config.js',
    scenarioFolder: '/p/scenarios',
  };
  for (const word of ['--only-changed', '--only-changed=main'])
    assert.throws(() => requireChangesSeen({ passedOn: [word] }, inPackage), {
      code: 'arguments.malformed',
      message: /git is asked in \/p\/node_modules\/firedrill\/dist, and the scenarios are in \/p\/scenarios/,
      hint: /write a playwright\.config\.ts/,
    });
  requireChangesSeen({ passedOn: ['--grep', 'x'] }, inPackage);
  requireChangesSeen(
    { passedOn: ['--only-changed'] },
    { ...inPackage, configuration: '/p/playwright.config.ts' },
  );
});
