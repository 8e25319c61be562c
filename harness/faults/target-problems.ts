import type { Fault, NodeTarget, PodTarget, TargetMode } from '../core/faults/fault.ts';
import type { Problem } from './injector.ts';
import { GUARD_RULES } from './guards.ts';

const MODES = "'one', 'all', { fixed: N }, { fixedPercent: 1-100 } or { randomMaxPercent: 1-100 }";

/** What is wrong with a fault that hits nodes. */
export function nodeFaultProblems(fault: Fault): readonly Problem[] {
  if (fault.target.kind !== 'node')
    return [{ key: 'target.kind', message: `${fault.kind} hits nodes, not a ${fault.target.kind}` }];
  return [...nodeTargetProblems(fault.target), ...optionProblems(fault)];
}

/** What is wrong with a fault that hits pods. */
export function podFaultProblems(fault: Fault): readonly Problem[] {
  if (fault.target.kind !== 'pod')
    return [{ key: 'target.kind', message: `${fault.kind} hits pods, not a ${fault.target.kind}` }];
  return [...podTargetProblems(fault.target), ...optionProblems(fault)];
}

function podTargetProblems(target: PodTarget): readonly Problem[] {
  const problems: Problem[] = unknownKeys('pod', target, ['kind', 'namespace', 'labels', 'mode']);
  const labels: unknown = target.labels;
  if (typeof labels !== 'string' || labels.trim() === '')
    problems.push({ key: 'pod.labels', message: 'expected a label selector such as app=storefront' });
  const namespace: unknown = target.namespace;
  if (namespace !== undefined && (typeof namespace !== 'string' || namespace === ''))
    problems.push({ key: 'pod.namespace', message: 'expected the name of a namespace' });
  return [...problems, ...modeProblems('pod.mode', target.mode)];
}

function nodeTargetProblems(target: NodeTarget): readonly Problem[] {
  const problems: Problem[] = unknownKeys('node', target, [
    'kind',
    'hosting',
    'labels',
    'names',
    'healerLeader',
    'mode',
  ]);
  for (const key of ['hosting', 'labels'] as const) {
    const value: unknown = target[key];
    if (value !== undefined && (typeof value !== 'string' || value.trim() === ''))
      problems.push({ key: `node.${key}`, message: 'expected a label selector such as app=storefront' });
  }
  const names: unknown = target.names;
  if (
    names !== undefined &&
    !(Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === 'string'))
  )
    problems.push({ key: 'node.names', message: 'expected a list of node names with at least one name' });
  if (target.hosting === undefined && target.labels === undefined && target.names === undefined)
    problems.push({
      key: 'node',
      message: 'expected `hosting`, `labels` or `names`: no selector would match every node',
    });
  const leader: unknown = target.healerLeader;
  if (leader !== undefined && typeof leader !== 'boolean')
    problems.push({ key: 'node.healerLeader', message: 'expected true or false' });
  return [...problems, ...modeProblems('node.mode', target.mode)];
}

export function modeProblems(key: string, mode: TargetMode): readonly Problem[] {
  const value: unknown = mode;
  if (value === 'one' || value === 'all') return [];
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const [name, amount] = entries.length === 1 ? (entries[0] ?? []) : [];
  if (name !== 'fixed' && name !== 'fixedPercent' && name !== 'randomMaxPercent')
    return [{ key, message: `expected ${MODES}` }];
  const limit = name === 'fixed' ? Number.MAX_SAFE_INTEGER : 100;
  if (typeof amount === 'number' && Number.isInteger(amount) && amount >= 1 && amount <= limit) return [];
  return [
    {
      key: `${key}.${name}`,
      message: `expected a whole number from 1${name === 'fixed' ? ' on' : ' to 100'}`,
    },
  ];
}

function optionProblems(fault: Fault): readonly Problem[] {
  const problems = unknownKeys('options', fault.options ?? {}, ['allow']);
  const allow: unknown = fault.options?.['allow'];
  if (allow !== undefined && !Array.isArray(allow))
    problems.push({ key: 'allow', message: `expected a list of: ${GUARD_RULES.join(', ')}` });
  for (const [index, rule] of Array.isArray(allow) ? allow.entries() : [])
    if (!(GUARD_RULES as readonly unknown[]).includes(rule))
      problems.push({ key: `allow[${index}]`, message: `expected one of: ${GUARD_RULES.join(', ')}` });
  if (fault.durationMs !== undefined && !(Number.isFinite(fault.durationMs) && fault.durationMs > 0))
    problems.push({ key: 'duration', message: 'expected a duration above zero, e.g. 30s' });
  return problems;
}

function unknownKeys(where: string, value: object, known: readonly string[]): Problem[] {
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => ({
      key: `${where}.${key}`,
      message: `unknown; known are ${known.filter((k) => k !== 'kind').join(', ')}`,
    }));
}
