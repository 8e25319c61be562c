/** Which of the objects that a selector matches are hit. */
export type TargetMode =
  | 'one'
  | 'all'
  | { readonly fixed: number }
  | { readonly fixedPercent: number }
  | { readonly randomMaxPercent: number };

/** A late-resolved selector of nodes: nothing is chosen before the moment of injection. */
export interface NodeTarget {
  readonly kind: 'node';
  /** Nodes that host at least one pod with these labels, e.g. `app=storefront`. */
  readonly hosting?: string;
  /** Nodes that host no pod with these labels, e.g. `app.kubernetes.io/name=firedrill-healer`. */
  readonly sparing?: string;
  /** Node label selector. */
  readonly labels?: string;
  readonly names?: readonly string[];
  /** Hit (`true`) or avoid (`false`) the node that holds the healer's leader lease; absent: do not care. */
  readonly healerLeader?: boolean;
  readonly mode: TargetMode;
}

/** A late-resolved selector of pods. */
export interface PodTarget {
  readonly kind: 'pod';
  readonly namespace?: string;
  readonly labels: string;
  readonly mode: TargetMode;
}

export type Target = NodeTarget | PodTarget;

/** A fault as data: what a scenario asks for. Serialisable, frozen, free of code. */
export interface Fault {
  /** The name in the catalogue, e.g. `node.power-off`, `node.freeze`, `node.cable-out`, `pod.kill`. */
  readonly kind: string;
  readonly target: Target;
  /** How long a timed fault lasts, counted from effective; absent for permanent faults. */
  readonly durationMs?: number;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** One concrete object that a fault hits, as resolved at the moment of injection. */
export interface ResolvedTarget {
  readonly kind: 'node' | 'pod';
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
  readonly zone?: string;
  readonly node?: string;
}

/**
 * How to undo one effect, as data, so that any process can do it after the death of the one that made it.
 * `verb` names an entry of the undo catalogue; `args` is all that it needs.
 */
export interface Undo {
  readonly verb: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** A live handle to one injected fault. */
export interface Injection {
  readonly id: string;
  readonly fault: Fault;
  readonly targets: readonly ResolvedTarget[];
  /** Monotonic milliseconds of the moment when the fault was seen to bite. */
  readonly effectiveMonoMs: number;
  readonly effectiveWallMs: number;
  /** Undoes the fault now; safe to call twice. */
  revert(): Promise<void>;
}
