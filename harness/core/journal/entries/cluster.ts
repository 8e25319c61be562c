/** What happened in the cluster and at its machines, as their own interfaces tell. */
export type ClusterEntry = WatchEvent | Capacity | HealerEvent | ApiAudit | MachineAudit;

/** A change of an API object, stamped on arrival. `facts` holds only what checks and reports use. */
export interface WatchEvent {
  readonly kind: 'watch';
  readonly change: 'added' | 'modified' | 'deleted' | 'gap';
  readonly object: 'Node' | 'Pod' | 'Deployment' | 'EndpointSlice' | 'Lease' | 'Event';
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Replicas of the workload that count for capacity, whenever the number changes. */
interface Capacity {
  readonly kind: 'capacity';
  readonly selector: string;
  readonly ready: number;
  readonly wanted: number;
}

/** What a healer notes: of a subject that it treats, or of itself. */
type HealerEventName =
  | 'suspected'
  | 'detected'
  | 'decided'
  | 'acted'
  | 'refused'
  | 'recovered'
  | 'leader'
  | 'suspended'
  | 'resumed';

/** A line of the healer's audit file, as it was read. */
export interface HealerEvent {
  readonly kind: 'healer';
  readonly event: HealerEventName;
  readonly subject: string;
  readonly detail: string;
  readonly healerWallMs: number;
  readonly healerMonoMs: number;
  /** The boot that `healerMonoMs` counts from. */
  readonly bootId?: string;
  readonly pod: string;
  /** Observe mode: what would have been done, and was not. */
  readonly wouldDo?: boolean;
  /** Names one treatment from its begin to its end. */
  readonly attempt?: string;
  /** The kind of step, e.g. `PowerOff`. */
  readonly action?: string;
  /** How the step ended, in words. */
  readonly result?: string;
  /** The phase of the treatment that the step led to. */
  readonly phase?: string;
  /** What the step touched, as `namespace/name`. */
  readonly objects?: readonly string[];
}

/** A line of the API server's audit log that matters: writes to nodes, pods, evictions, leases left out. */
export interface ApiAudit {
  readonly kind: 'api.audit';
  readonly user: string;
  readonly verb: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name: string;
  readonly code: number;
  readonly stageWallMs: number;
  /** When the server got the request. */
  readonly receivedWallMs?: number;
}

/** A call at the machine interface. */
interface MachineAudit {
  readonly kind: 'machine';
  readonly call: 'states' | 'powerOff' | 'powerOn' | 'replace';
  readonly node: string;
  readonly caller: string;
  readonly result: string;
  /** When it was answered, by the server's clock. */
  readonly callWallMs?: number;
}
