import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { embeddedDeviations } from './deviations.ts';
import { kubeletConfig } from './node-config.ts';

const LINES = embeddedDeviations(2).join('\n');

test('what the kubelet is told against its defaults is listed with its value', () => {
  const input = {
    ordinal: 1,
    infra: false,
    cgroupRoot: '/x',
    cgroupVersion: 2,
    pauseImage: 'pause:1',
  } as const;
  const config = parse(kubeletConfig(input)) as {
    readonly evictionHard: Readonly<Record<string, string>>;
    readonly imageGCHighThresholdPercent: number;
    readonly enforceNodeAllocatable: readonly string[];
    readonly featureGates: Readonly<Record<string, boolean>>;
    readonly failSwapOn: boolean;
  };
  for (const signal of ['nodefs.available', 'nodefs.inodesFree'])
    assert.ok(LINES.includes(`${signal} ${config.evictionHard[signal]} instead`), signal);
  assert.ok(LINES.includes(`imageGCHighThresholdPercent: ${config.imageGCHighThresholdPercent} `));
  assert.ok(LINES.includes(`enforceNodeAllocatable: ${config.enforceNodeAllocatable.join(', ')} `));
  for (const gate of Object.keys(config.featureGates)) assert.ok(LINES.includes(gate), gate);
  assert.ok(LINES.includes(`failSwapOn: ${config.failSwapOn} `));
});

test('what stands in the sources of control plane, disks and processor weights is listed', () => {
  const source = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
  assert.match(source('control-plane.ts'), /'unsafe-no-fsync': true/);
  assert.match(source('node-init.sh'), /nobarrier/);
  assert.match(source('node-init.sh'), /vm\/overcommit_memory=1/);
  assert.match(source('machine.ts'), /INFRA_CPU_WEIGHT = 8;/);
  for (const word of ['unsafe-no-fsync', 'nobarrier', 'vm.overcommit_memory', 'eight times'])
    assert.ok(LINES.includes(word), word);
});

test('whom running out of memory ends is told where it is not the whole container, under cgroup version 1', () => {
  const told = (version: 1 | 2): boolean =>
    embeddedDeviations(version).some((line) => /out of memory/.test(line));
  assert.deepEqual([told(1), told(2)], [true, false]);
});
