import type { Lease } from './objects.ts';

/** The present record of a lease and since when, by our own clock, it has not changed. */
export interface LeaseSighting {
  readonly lease: Lease;
  readonly resourceVersion: string;
  /** Monotonic milliseconds. */
  readonly unchangedSinceMonoMs: number;
}

/** What a candidate may do with a lease. */
type LeaseJudgement =
  | { readonly may: 'take'; readonly why: 'free' | 'expired' | 'ours' }
  | { readonly may: 'wait'; readonly forMs: number };

/**
 * Takes note of a lease that was read. Its own timestamps come from another machine's clock and are ignored:
 * only a change that we see for ourselves proves that the holder is alive.
 */
export function sight(before: LeaseSighting | undefined, lease: Lease, nowMonoMs: number): LeaseSighting {
  const resourceVersion = lease.metadata?.resourceVersion ?? '';
  const unchanged = before !== undefined && before.resourceVersion === resourceVersion;
  return {
    lease,
    resourceVersion,
    unchangedSinceMonoMs: unchanged ? before.unchangedSinceMonoMs : nowMonoMs,
  };
}

/**
 * `weWroteIt`: the record with our identity can only be of this process's making. Without that, another process with
 * the same identity may be alive, and is treated as any other holder.
 */
export function judgeLease(
  sighting: LeaseSighting,
  facts: { readonly identity: string; readonly weWroteIt: boolean; readonly leaseDurationMs: number },
  nowMonoMs: number,
): LeaseJudgement {
  const { holderIdentity, leaseDurationSeconds } = sighting.lease.spec ?? {};
  if (holderIdentity === undefined || holderIdentity === '') return { may: 'take', why: 'free' };
  if (holderIdentity === facts.identity && facts.weWroteIt) return { may: 'take', why: 'ours' };
  // The holder's own promise counts where it is longer than what we would grant.
  const durationMs = Math.max(facts.leaseDurationMs, (leaseDurationSeconds ?? 0) * 1000);
  const forMs = sighting.unchangedSinceMonoMs + durationMs - nowMonoMs;
  return forMs <= 0 ? { may: 'take', why: 'expired' } : { may: 'wait', forMs };
}

/** The record with which `identity` holds the lease from now on; `before` undefined: the first one ever. */
export function heldRecord(
  before: Lease | undefined,
  place: { readonly namespace: string; readonly name: string },
  identity: string,
  leaseDurationMs: number,
  wallMs: number,
): Lease & { readonly spec: { readonly leaseTransitions: number } } {
  const now = microTime(wallMs);
  const { holderIdentity, leaseTransitions = 0, acquireTime = now } = before?.spec ?? {};
  const same = holderIdentity === identity;
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: before?.metadata ?? { namespace: place.namespace, name: place.name },
    spec: {
      ...before?.spec,
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(leaseDurationMs / 1000),
      acquireTime: same ? acquireTime : now,
      renewTime: now,
      leaseTransitions: before === undefined || same ? leaseTransitions : leaseTransitions + 1,
    },
  };
}

/** The record that gives the lease up: anybody may take it at once. */
export function releasedRecord(before: Lease, wallMs: number): Lease {
  return {
    ...before,
    spec: { ...before.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime(wallMs) },
  };
}

export function microTime(wallMs: number): string {
  return new Date(wallMs).toISOString().replace('Z', '000Z');
}
