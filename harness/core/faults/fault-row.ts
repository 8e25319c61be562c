import type { z } from 'zod';
import type { Capability } from '../capability.ts';

/**
 * What shows that a fault was there besides its own witness: the target's Ready condition (`node`), replicas that are no
 * longer Ready (`replicas`), what a healer says and does (`healer`), the end of the pod in the API's audit log
 * (`deletion`), requests of users that fail (`requests`).
 */
export type FaultTrace = 'node' | 'replicas' | 'healer' | 'deletion' | 'requests';

/** What is known of one kind of fault before anything is injected, for checks, guards and reports alike. */
export interface FaultRow {
  /** What became of a target, in people's words: "node-2 powered off". */
  readonly done: string;
  readonly hits: 'node' | 'pod';
  /** A timed fault takes a duration; a permanent one stays until its undo, or until somebody heals it. */
  readonly lasts: 'timed' | 'permanent';
  /** What nobody can count on while it lasts: the guards ask whether enough is left. */
  readonly harm: 'node-loss' | 'pod-loss';
  /** One of these has to be seen before a claim is held because the fault hurt nobody. */
  readonly leaves: readonly FaultTrace[];
  readonly needs: readonly Capability[];
  /** What a scenario may say besides target, duration and allowed guard rules; stands in `options` of the fault. */
  readonly parameters: z.ZodRawShape;
}
