import type { Remediation } from '../incident/remediation.ts';

export const OPT_OUT_LABEL = 'healer.firedrill.dev/opt-out';
export const OUT_OF_SERVICE_VALUE = 'nodeshutdown';

/**
 * How far a treatment came, as recorded before the next thing is done:
 * `cordoned` nothing more is allowed or possible · `draining` pods are moved while the kubelet still answers ·
 * `fencing` the power-off may have been asked for · `replacing` power is off for sure, pods are gone, the replacement
 * may have been asked for · `replaced` a new machine is on its way · `cancelled` a person took over.
 */
export const PHASES = ['cordoned', 'draining', 'fencing', 'replacing', 'replaced', 'cancelled'] as const;
export type Phase = (typeof PHASES)[number];

/** The rule of a node that answers us and not the API server: it is cordoned, and a person is told. */
export const CUT_OFF_RULE = 'node-cut-off';

/** The remediation of a node, as the annotation carries it. */
export interface NodeRemediation extends Remediation<Phase> {
  /** Whether the cordon is ours; a person's is never undone. */
  readonly cordonOurs: boolean;
  readonly replacement?: string;
  /** The out-of-service taint was there before, and stays. */
  readonly taintForeign?: true;
  /** How often the proof of a power-off was taken back by a machine that was on again; absent: never. */
  readonly voided?: number;
  /** The loss of a whole zone that it is part of: the name of the first attempt of that; absent: the node was lost alone. */
  readonly zoneLoss?: string;
}

/** The name of the present power-off: another one each time, since an interface acts once for each name. */
export function fencingName({ attempt, voided = 0 }: Pick<NodeRemediation, 'attempt' | 'voided'>): string {
  return voided === 0 ? attempt : `${attempt}.${voided}`;
}

export function formatRemediation(remediation: NodeRemediation): string {
  return JSON.stringify(remediation);
}

/** Reads a record; `unreadable` for anything that we did not write. */
export function parseRemediation(text: string | undefined): NodeRemediation | undefined | 'unreadable' {
  if (text === undefined || text === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'unreadable';
  }
  return isRemediation(value) ? value : 'unreadable';
}

function isRemediation(value: unknown): value is NodeRemediation {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Record<string, unknown>;
  return (
    typeof record['attempt'] === 'string' &&
    (PHASES as readonly unknown[]).includes(record['phase']) &&
    typeof record['cordonOurs'] === 'boolean' &&
    typeof record['startedAtMs'] === 'number' &&
    typeof record['phaseAtMs'] === 'number' &&
    typeof record['rule'] === 'string' &&
    (record['replacement'] === undefined || typeof record['replacement'] === 'string') &&
    (record['taintForeign'] === undefined || record['taintForeign'] === true) &&
    (record['voided'] === undefined || typeof record['voided'] === 'number') &&
    (record['zoneLoss'] === undefined || typeof record['zoneLoss'] === 'string')
  );
}
