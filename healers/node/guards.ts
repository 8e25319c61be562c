import {
  BUDGET_GUARDS,
  MAINTENANCE_GUARD,
  STANDING_GUARDS,
  type Guard,
  type Scope,
} from '../safety/guards.ts';
import type { NodeFacts } from './facts.ts';

/** What the guards of the node path look at. */
interface NodeScope extends Scope {
  readonly subject: NodeFacts;
}
export type NodeGuard = Guard<NodeScope>;

export const ZONE_GUARD = 'zone';

export const GUARDS: readonly NodeGuard[] = [
  ...STANDING_GUARDS,
  { name: 'mark', when: 'before-fence', check: ({ subject }) => subject.foreignMarker?.detail },
  {
    // Told to people once for the zone, not for each of its nodes.
    name: ZONE_GUARD,
    when: 'before-fence',
    check: ({ fleet }) => fleet.zoneSuspended,
  },
  {
    name: 'machine-identity',
    when: 'before-fence',
    check: ({ subject }) => subject.machine?.mistaken,
  },
  MAINTENANCE_GUARD,
  {
    name: 'node-deleting',
    when: 'before-fence',
    check: ({ subject }) => (subject.deleting ? 'somebody else is deleting the node' : undefined),
  },
  ...BUDGET_GUARDS,
];
