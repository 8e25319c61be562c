import type { z } from 'zod';
import type { Capability } from '../capability.ts';

/** What is known of one kind of fault before anything is injected, for checks, guards and reports alike. */
export interface FaultRow {
  /** What became of a target, in people's words: "node-2 powered off". */
  readonly done: string;
  readonly hits: 'node' | 'pod';
  /** A timed fault takes a duration; a permanent one stays until its undo, or until somebody heals it. */
  readonly lasts: 'timed' | 'permanent';
  /** What nobody can count on while it lasts: the guards ask whether enough is left. */
  readonly harm: 'node-loss' | 'pod-loss';
  readonly needs: readonly Capability[];
  /** What a scenario may say besides target, duration and allowed guard rules; stands in `options` of the fault. */
  readonly parameters: z.ZodRawShape;
}
