import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { runScenarios } from './run-scenarios.ts';
import { parseTestArguments } from './test-arguments.ts';

test('options of the environment that cannot be are refused before a scenario is looked for, and nothing is written', async () => {
  const directory = temporaryDirectory('run-scenarios');
  const project = { directory, configuration: '', isConfigured: false, scenarioFolder: `${directory}/none` };
  const run = (env: NodeJS.ProcessEnv) =>
    runScenarios(parseTestArguments([]), { project, workingDirectory: directory, env });
  await assert.rejects(run({ FIREDRILL_USE_MONITORING: 'sometimes' }), { code: 'configuration.malformed' });
  await assert.rejects(run({ FIREDRILL_USE_WEATHER: 'rain' }), { code: 'configuration.unknown-variable' });
  await assert.rejects(run({}), { code: 'scenario.no-folder' });
  assert.ok(existsSync(directory));
  assert.deepEqual(readdirSync(directory), []);
});
