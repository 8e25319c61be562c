import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import type { TestInfo } from '@playwright/test';
import { trialDirectory } from '../core/journal/run-files.ts';
import type { ScenarioOptions } from '../stage/options.ts';
import { identify, startedEntry, tellWaiting } from './open-trial.ts';
import type { RunContext } from './run-context.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';

/** How the journal begins for a repetition of one scenario. */
function started(runSeed: number, repeatEachIndex: number, title = 'heals', directory = '/run') {
  const run = { runId: 'r', directory, seed: runSeed, clusterName: 'c' } as RunContext;
  const info = {
    file: 'node-loss.spec.ts',
    titlePath: ['node-loss.spec.ts', title],
    tags: [],
    repeatEachIndex,
  };
  const options = { expected: 'held', deadline: '1m', cluster: { machineProfile: 'bmc' } };
  const identity = identify(run, info as unknown as TestInfo);
  const context = { run, attachedWallMs: 0 };
  return startedEntry(context, identity, options as unknown as ScenarioOptions, { nodes: [] });
}

test('a trial has a seed of its own, which follows from run, scenario and repetition alone', () => {
  assert.equal(started(7, 0).seed, started(7, 0).seed);
  const others = [started(7, 0), started(7, 1), started(8, 0), started(7, 0, 'stays')];
  assert.equal(new Set(others.map(({ seed }) => seed)).size, others.length);
});

test('a journal tells the seed of its run, and a line that comes to the same trial, repetitions included', () => {
  assert.equal(started(7, 0).runSeed, 7);
  assert.match(started(7, 0).again, / scenarios\/node-loss --seed 7$/);
  assert.match(started(7, 2).again, / scenarios\/node-loss --seed 7 --repeat-each 3$/);
});

test('trials whose titles differ by nothing that the name of a folder keeps have folders of their own, and the same seed', () => {
  const directory = temporaryDirectory('trials');
  const first = started(7, 0, '大きさ', directory);
  mkdirSync(trialDirectory(directory, first.trialId), { recursive: true });
  const second = started(7, 0, '形', directory);
  assert.notEqual(second.trialId, first.trialId);
  assert.equal(second.seed, started(7, 0, '形').seed);
});

test('a name that nobody tells after the first scrapes is told with the nearest one, where nothing else keeps the gate shut', () => {
  const told: string[] = [];
  const steps = {
    list: (_name: string, lines: readonly string[]) => void told.push(...lines),
    progress: () => undefined,
  };
  const misspelt = 'available: no series matches request_total; the nearest name is requests_total';
  tellWaiting(steps, ['5 of 6 replicas are Ready', misspelt], 10_000, 1_000);
  tellWaiting(steps, [misspelt], 9_999, 1_000);
  assert.deepEqual(told, []);
  tellWaiting(steps, [misspelt], 10_000, 1_000);
  assert.deepEqual(told, [misspelt]);
});
