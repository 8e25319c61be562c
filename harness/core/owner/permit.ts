import type { Plan, Spendable } from './approval.ts';
import type { DrillPolicy } from './policy.ts';

/** What a run brings along for the question whether it may inject here. */
export interface Permit {
  /** Absent where nobody could say beforehand what would be done. */
  readonly plan?: Plan;
  /** Who runs it, as the cluster knows them. */
  readonly runner: string;
  readonly approval?: string;
  /** The approval as the run uses it up, where it was found good. */
  readonly spendable?: Spendable;
  /** The command with which somebody else approves exactly this run. */
  readonly approveWith: string;
}

/** The policy of a cluster's owner at one moment. */
export interface PolicyInForce {
  readonly policy: DrillPolicy;
  readonly clusterUid: string;
  readonly wallMs: number;
  readonly permit?: Permit;
}
