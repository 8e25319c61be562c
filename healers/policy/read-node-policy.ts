import { messageOf } from '../../harness/core/errors.ts';
import { parseSelector } from '../../harness/core/selectors.ts';
import { keyPath } from '../../harness/core/key-path.ts';
import { readWindow, type CalendarWindow } from '../../harness/core/owner/calendar.ts';
import type { ConfigReader } from '../runtime/config.ts';
import { DEFAULT_NODE_POLICY, type NodePolicy } from './node-policy.ts';

const MS = { min: 1, max: 86_400_000 };
const COUNT = { min: 1, max: 10_000 };

/** Reads the node path's part of the configuration; every key has its default. */
export function readNodePolicy(reader: ConfigReader): NodePolicy {
  const base = DEFAULT_NODE_POLICY;
  const ms = (key: keyof NodePolicy & `${string}Ms`): number => reader.number(key, base[key], MS);
  const policy: NodePolicy = {
    mode: reader.choice('mode', ['act', 'observe'], base.mode),
    kubeletTimeoutMs: ms('kubeletTimeoutMs'),
    kubeletFailures: reader.number('kubeletFailures', base.kubeletFailures, { min: 2, max: 20 }),
    calmProbeEveryMs: ms('calmProbeEveryMs'),
    suspectProbeEveryMs: ms('suspectProbeEveryMs'),
    burstProbeEveryMs: ms('burstProbeEveryMs'),
    leaseOverdueMs: ms('leaseOverdueMs'),
    leaseOverdueAloneMs: ms('leaseOverdueAloneMs'),
    leaseOverdueUnansweredMs: ms('leaseOverdueUnansweredMs'),
    leaseLostMs: ms('leaseLostMs'),
    apiFreshMs: ms('apiFreshMs'),
    machineFreshMs: ms('machineFreshMs'),
    standbyFreshMs: ms('standbyFreshMs'),
    startGraceMs: ms('startGraceMs'),
    aliveForMs: ms('aliveForMs'),
    drainDeadlineMs: ms('drainDeadlineMs'),
    drainStepMs: ms('drainStepMs'),
    replaceAfterMs: reader.number('replaceAfterMs', base.replaceAfterMs, { min: 0, max: MS.max }),
    movedWithinMs: reader.number('movedWithinMs', base.movedWithinMs, { min: 0, max: MS.max }),
    replacementDeadlineMs: ms('replacementDeadlineMs'),
    resyncMs: ms('resyncMs'),
    minimumHealthyPercent: reader.number('minimumHealthyPercent', base.minimumHealthyPercent, {
      min: 1,
      max: 100,
    }),
    maximumUnhealthy: reader.number('maximumUnhealthy', base.maximumUnhealthy, COUNT),
    maximumInFlight: reader.number('maximumInFlight', base.maximumInFlight, COUNT),
    maximumInFlightPerZone: reader.number('maximumInFlightPerZone', base.maximumInFlightPerZone, COUNT),
    coolDownMs: reader.number('coolDownMs', base.coolDownMs, { min: 0, max: MS.max }),
    budgetWindowMs: ms('budgetWindowMs'),
    budgetPerNode: reader.number('budgetPerNode', base.budgetPerNode, COUNT),
    budgetPerPool: reader.number('budgetPerPool', base.budgetPerPool, COUNT),
    withoutMachine: reader.choice('withoutMachine', ['cordon', 'two-signals'], base.withoutMachine),
    fenceAfterDrain: reader.boolean('fenceAfterDrain', base.fenceAfterDrain),
    maintenance: readMaintenance(reader),
    onlyNodes: readSelector(reader),
    foreignTaints: reader.strings('foreignTaints', base.foreignTaints),
    foreignAnnotations: reader.strings('foreignAnnotations', base.foreignAnnotations),
    poolLabel: reader.string('poolLabel', base.poolLabel),
  };
  if (policy.leaseOverdueAloneMs < policy.leaseOverdueMs) {
    reader.problem('leaseOverdueAloneMs', `must not be below leaseOverdueMs (${policy.leaseOverdueMs})`);
  }
  reader.rejectUnknown();
  return policy;
}

function readSelector(reader: ConfigReader): string {
  const text = reader.string('onlyNodes', DEFAULT_NODE_POLICY.onlyNodes);
  try {
    if (text !== '') parseSelector(text);
  } catch (error) {
    reader.problem('onlyNodes', messageOf(error));
  }
  return text;
}

function readMaintenance(reader: ConfigReader): readonly CalendarWindow[] {
  return reader.list('maintenance').flatMap((written, index) => {
    const read = readWindow(written);
    if ('window' in read) return [read.window];
    for (const { key, message } of read.problems)
      reader.problem(keyPath(['maintenance', index, ...key]), message);
    return [];
  });
}
