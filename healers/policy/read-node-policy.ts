import { messageOf } from '../../harness/core/errors.ts';
import { parseSelector } from '../../harness/core/selectors.ts';
import { keyPath } from '../../harness/core/key-path.ts';
import { readWindow, type CalendarWindow } from '../../harness/core/owner/calendar.ts';
import type { ConfigReader } from '../runtime/config.ts';
import { DEFAULT_NODE_POLICY, type NodePolicy } from './node-policy.ts';

type NumberKey = { [K in keyof NodePolicy]: NodePolicy[K] extends number ? K : never }[keyof NodePolicy];

const MS = { min: 1, max: 86_400_000 };
const MS_OR_NONE = { ...MS, min: 0 };
const COUNT = { min: 1, max: 10_000 };
/** Where they are others than those of a time (`...Ms`) or of a count. */
const BOUNDS: Readonly<Partial<Record<NumberKey, typeof MS>>> = {
  kubeletFailures: { min: 2, max: 20 },
  secondPort: { min: 1, max: 65_535 },
  replaceAfterMs: MS_OR_NONE,
  movedWithinMs: MS_OR_NONE,
  drainGraceMs: MS_OR_NONE,
  coolDownMs: MS_OR_NONE,
  minimumHealthyPercent: { min: 1, max: 100 },
};

/** Reads the node path's part of the configuration; every key has its default. */
export function readNodePolicy(reader: ConfigReader): NodePolicy {
  const base = DEFAULT_NODE_POLICY;
  const policy: NodePolicy = {
    ...readNumbers(reader),
    mode: reader.choice('mode', ['act', 'observe'], base.mode),
    withoutMachine: reader.choice('withoutMachine', ['cordon', 'two-signals'], base.withoutMachine),
    fenceAfterDrain: reader.boolean('fenceAfterDrain', base.fenceAfterDrain),
    maintenance: readMaintenance(reader),
    onlyNodes: readSelector(reader),
    foreignTaints: reader.strings('foreignTaints', base.foreignTaints),
    foreignAnnotations: reader.strings('foreignAnnotations', base.foreignAnnotations),
    foreignLabels: reader.strings('foreignLabels', base.foreignLabels),
    poolLabel: reader.string('poolLabel', base.poolLabel),
  };
  if (policy.leaseOverdueAloneMs < policy.leaseOverdueMs) {
    reader.problem('leaseOverdueAloneMs', `must not be below leaseOverdueMs (${policy.leaseOverdueMs})`);
  }
  reader.rejectUnknown();
  return policy;
}

/** Every number that there is a default of. */
function readNumbers(reader: ConfigReader): Pick<NodePolicy, NumberKey> {
  const numbers = Object.entries(DEFAULT_NODE_POLICY).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value !== 'number') return [];
    const key = name as NumberKey;
    return [[key, reader.number(key, value, BOUNDS[key] ?? (key.endsWith('Ms') ? MS : COUNT))] as const];
  });
  return Object.fromEntries(numbers) as Pick<NodePolicy, NumberKey>;
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
