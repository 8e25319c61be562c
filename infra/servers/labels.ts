import type { ProcessIdentity } from '../process/identity.ts';

/** What a container of ours says of itself. */
export const LABELS = {
  server: 'firedrill.dev/server',
  /** Hash of all that decides what it does. */
  spec: 'firedrill.dev/spec',
  /** Whose it is; absent where it is kept. */
  session: 'firedrill.dev/session',
  owner: 'firedrill.dev/owner',
  /** Belongs to nobody and stays until it is removed by name. */
  kept: 'firedrill.dev/kept',
} as const;

/** A process as a label, for a person who wonders whose a container is. */
export function ownerLabel({ pid, startTicks, bootId }: ProcessIdentity): string {
  return `pid ${pid}, started at tick ${startTicks} of boot ${bootId}`;
}
