import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestInfo } from '@playwright/test';
import type { ScenarioOptions } from '../stage/options.ts';
import { identify, startedEntry } from './open-trial.ts';
import type { RunContext } from './run-context.ts';

/** The seed that the journal tells of a repetition of one scenario. */
function seedOf(runSeed: number, repeatEachIndex: number, title = 'heals'): number {
  const run = { runId: 'r', directory: '/run', seed: runSeed, clusterName: 'c' } as RunContext;
  const info = {
    file: 'node-loss.spec.ts',
    titlePath: ['node-loss.spec.ts', title],
    tags: [],
    repeatEachIndex,
  };
  const options = { expected: 'held', deadline: '1m', cluster: { machineProfile: 'bmc' } };
  const identity = identify(run, info as unknown as TestInfo);
  const context = { run, attachedWallMs: 0 };
  return startedEntry(context, identity, options as unknown as ScenarioOptions, { nodes: [] }).seed;
}

test('a trial has a seed of its own, which follows from run, scenario and repetition alone', () => {
  assert.equal(seedOf(7, 0), seedOf(7, 0));
  const others = [seedOf(7, 0), seedOf(7, 1), seedOf(8, 0), seedOf(7, 0, 'stays')];
  assert.equal(new Set(others).size, others.length);
});
