import type { Undo } from '../../../harness/core/faults/fault.ts';
import type { Holder } from '../../cluster.ts';
import { heldRecord } from '../../kube/lease-record.ts';
import type { Lease } from '../../kube/objects.ts';
import { hasToBeUndone } from '../../undo/execute-undo.ts';

/** One Lease per cluster says who holds it; next to the mark, since both are about the whole cluster. */
export const HOLD_LEASE = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  namespace: 'kube-system',
  name: 'firedrill-hold',
} as const;

const HOLDS = 'firedrill.dev/holds';

/** One process of the session that holds the cluster; what it has broken stands here before it is broken. */
export interface HoldRecord {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  /** Counts the signs of life: other clocks mean nothing here, only a change that one sees oneself. */
  readonly beat: number;
  readonly undos: readonly { readonly injectionId: string; readonly undo: Undo }[];
}

export function sessionOf(lease: Lease): string {
  return lease.spec?.holderIdentity ?? '';
}

/** An annotation that somebody has broken by hand counts as no hold. */
export function holdsOf(lease: Lease | undefined): readonly HoldRecord[] {
  const text = lease?.metadata?.annotations?.[HOLDS];
  if (text === undefined) return [];
  try {
    const holds: unknown = JSON.parse(text);
    return Array.isArray(holds) ? (holds as HoldRecord[]) : [];
  } catch {
    return [];
  }
}

/** What somebody has to undo where these holders have died. */
export function leftIn(holds: readonly HoldRecord[]): HoldRecord['undos'] {
  return holds.flatMap(({ undos }) => undos).filter(({ undo }) => hasToBeUndone(undo));
}

/** The record with which a session holds the cluster from now on. */
export function leaseWith(
  before: Lease | undefined,
  session: string,
  holds: readonly HoldRecord[],
  facts: { readonly timeToLiveMs: number; readonly wallMs: number },
): Lease {
  const held = heldRecord(before, HOLD_LEASE, session, facts.timeToLiveMs, facts.wallMs);
  const annotations = { ...before?.metadata?.annotations, [HOLDS]: JSON.stringify(holds) };
  return { ...held, metadata: { ...held.metadata, annotations } };
}

export function holdersOf(lease: Lease | undefined): readonly Holder[] {
  if (lease === undefined) return [];
  const session = sessionOf(lease);
  return holdsOf(lease).map((hold) => ({
    id: hold.id,
    session,
    pid: hold.pid,
    undos: leftIn([hold]).length,
  }));
}
