import type { ConfigReader } from '../runtime/config.ts';
import { DEFAULT_NODE_POLICY } from './node-policy.ts';
import type { NodePolicy } from './node-policy.ts';
import type { MaintenanceWindow } from './safety-policy.ts';

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
    maintenance: reader.list('maintenance').flatMap((window) => readWindow(window)),
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

function readWindow(reader: ConfigReader): readonly MaintenanceWindow[] {
  const absolute = reader.has('fromIso') || reader.has('toIso');
  if (absolute) {
    const window = { fromIso: reader.string('fromIso', ''), toIso: reader.string('toIso', '') };
    reader.rejectUnknown();
    if (Number.isNaN(Date.parse(window.fromIso))) reader.problem('fromIso', 'must be an ISO 8601 time');
    if (!(Date.parse(window.toIso) > Date.parse(window.fromIso)))
      reader.problem('toIso', 'must be a later ISO 8601 time');
    return [window];
  }
  const days = reader.raw('weekdays');
  const weekdays = Array.isArray(days)
    ? days.filter((day): day is number => Number.isInteger(day) && day >= 0 && day <= 6)
    : [];
  if (!Array.isArray(days) || weekdays.length !== days.length || weekdays.length === 0) {
    reader.problem('weekdays', 'must be a list of days from 0 (Sunday) to 6');
  }
  const minute = { min: 0, max: 1439 };
  const window = {
    weekdays,
    fromMinute: reader.number('fromMinute', 0, minute),
    toMinute: reader.number('toMinute', 0, minute),
  };
  reader.rejectUnknown();
  return [window];
}
