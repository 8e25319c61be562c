import { z } from 'zod';
import type { NodeInspection } from '../machines/inspection.ts';

const text = z.string();
const count = z.number();
const isSo = z.boolean();

const clusterNode = z
  .object({
    name: text,
    zone: text,
    role: z.enum(['worker', 'infra', 'control-plane']),
    address: text,
    /** The machine's own state, as its supervisor (or cloud) knows it; not what Kubernetes believes. */
    power: z.enum(['on', 'off', 'unknown']),
    frozen: isSo,
    cableOut: isSo,
  })
  .readonly();
export type ClusterNode = z.infer<typeof clusterNode>;

/** One effect that the supervisor has undone, or tried to, after its holder had fallen silent or gone without doing so. */
const undoneEffect = z
  .object({
    wallMs: count,
    session: text,
    pid: count,
    injectionId: text,
    /** Verb of the undo, e.g. `node.thaw`. */
    verb: text,
    node: text,
    why: z.enum(['lapsed', 'released', 'reaped']),
    ok: isSo,
    /** Why it was not undone. */
    error: text.exactOptional(),
  })
  .readonly();
export type UndoneEffect = z.infer<typeof undoneEffect>;

/** Who holds a cluster. */
const holder = z
  .object({
    id: text,
    session: text,
    pid: count,
    /** Number of effects that would have to be undone for it. */
    undos: count,
  })
  .readonly();
export type Holder = z.infer<typeof holder>;

const undoneAnswer = z
  .object({
    /** Oldest first. */
    undone: z.array(undoneEffect).readonly(),
    /** Effects of these may still be undone; of all others it is known. */
    holds: z.array(holder).readonly(),
  })
  .readonly();
export type UndoneAnswer = z.infer<typeof undoneAnswer>;

/** One program that a cluster is made of, as it really runs. */
const clusterSoftware = z
  .object({
    name: text,
    version: text,
    /** `override`: somebody has put another in its place; `system`: of the machine's distribution. */
    source: z.enum(['override', 'download', 'build', 'system']),
    /** `sha256:` and the hex digest of the file. */
    digest: text,
    /** The release file that it came out of. */
    release: z
      .object({ url: text, digest: text, verifiedBy: z.enum(['table', 'publisher']) })
      .readonly()
      .exactOptional(),
  })
  .readonly();
export type ClusterSoftware = z.infer<typeof clusterSoftware>;

const machineCall = z
  .object({
    wallMs: count,
    call: z.enum(['states', 'powerOff', 'powerOn', 'replace']),
    node: text,
    caller: text,
    result: text,
  })
  .readonly();
export type MachineCall = z.infer<typeof machineCall>;

const provisionProgress = z
  .object({
    /** `tools`, `cluster`, ... */
    step: text,
    state: z.enum(['begin', 'progress', 'end']),
    detail: text,
    elapsedMs: count.exactOptional(),
  })
  .readonly();
export type ProvisionProgress = z.infer<typeof provisionProgress>;

/** What of a cluster runs on this machine: whoever accounts the machine's processors has to tell it from all else. */
const footprint = z
  .object({
    /** The control group of each node that is on, by the node's name: a path below the root of the groups. */
    nodeGroups: z.record(text, text).readonly(),
    /** Pids of its other processes, as this machine has them. */
    processes: z.array(count).readonly(),
  })
  .readonly();
export type Footprint = z.infer<typeof footprint>;

const nodes = z.array(clusterNode).readonly();

/**
 * The control door: HTTP with JSON bodies over a unix socket (mode 0600) in the cluster's state directory.
 *
 *   GET    /v1/status                               -> SupervisorStatus
 *   GET    /v1/nodes                                -> ClusterNode[]
 *   GET    /v1/nodes/NAME                           -> NodeInspection
 *   POST   /v1/nodes/NAME/VERB                      power-off | power-on | freeze | thaw | cable-out | cable-in -> NodeInspection
 *   POST   /v1/nodes/NAME/replace                   -> { replacement: string }
 *   POST   /v1/images         body: LoadImages      -> { loaded: string[] }
 *   POST   /v1/holds         body: HoldRequest    -> { id: string }   409 when another session holds the cluster
 *   PUT    /v1/holds/ID/beat                       -> {}
 *   PUT    /v1/holds/ID/undos/INJECTION  body: Undo -> {}
 *   DELETE /v1/holds/ID/undos/INJECTION            -> {}
 *   DELETE /v1/holds/ID                            -> {}  runs what undos are left, newest first
 *   GET    /v1/audit                                -> JSON lines, API audit events from now on
 *   GET    /v1/machine-calls                        -> JSON lines, MachineCall from now on
 *   GET    /v1/connect?host=H&port=P                Upgrade: tcp -> 101 and a raw tunnel into the cluster's network
 *   GET    /v1/footprint                            -> { known?: Footprint }
 *   POST   /v1/logs           body: { directory }   -> {}
 *   GET    /v1/undone                               -> UndoneAnswer, what was undone in place of holders
 *   POST   /v1/quarantine/lift                      -> { left: string[] }  ends the quarantine where nothing is left
 *   POST   /v1/down           body: DownRequest     409 while a session holds the cluster, unless forced
 *                                                   -> {} after everything is gone but the supervisor itself
 */
const status = z.object({
  name: text,
  pid: count,
  phase: z.enum(['starting', 'ready', 'failed', 'stopping']),
  detail: text,
  /** Why it failed, where the input or this machine is at fault and not we. */
  refusal: z.object({ code: text, message: text, hint: text.exactOptional() }).exactOptional(),
  /** Of its `ClusterSpec` what others ask for. */
  spec: z.object({ machineProfile: z.enum(['bmc', 'cloud', 'none']) }),
  uid: text,
  kubernetesVersion: text,
  software: z.array(clusterSoftware).readonly(),
  /** What this one cluster cannot do though others of its provider can, and why; by capability. */
  cannot: z.record(text, text).exactOptional(),
  kubeconfigPath: text,
  apiServerUrl: text,
  startedAtMs: count,
  readyAfterMs: count.exactOptional(),
  nodes,
  holds: z.array(holder).readonly(),
  /** Milliseconds that each step of the start took. */
  timings: z.record(text, count),
  /** An effect could not be undone; nobody may hold the cluster until `reap` has shown it clean. */
  quarantined: isSo,
});
export type SupervisorStatus = z.infer<typeof status>;

const inspection: z.ZodType<NodeInspection> = z.object({
  node: text,
  exists: isSo,
  processes: count,
  frozen: isSo,
  cable: z.enum(['in', 'out', 'absent']),
  fenced: isSo,
  isNew: isSo.exactOptional(),
});

/** What answers have to be like: a supervisor may be of another version than whoever asks it. */
export const ANSWERS = {
  footprint: z.object({ known: footprint.exactOptional() }),
  status,
  nodes,
  inspection,
  replacement: z.object({ replacement: text }),
  hold: z.object({ id: text }),
  undone: undoneAnswer,
  progress: provisionProgress,
  machineCall,
  auditEvent: z.record(text, z.unknown()),
};

export interface DownRequest {
  readonly force?: boolean;
}

export interface HoldRequest {
  readonly session: string;
  readonly pid: number;
  /** The hold lapses when no beat came for this long. */
  readonly timeToLiveMs: number;
}

export interface LoadImages {
  readonly images: readonly { readonly reference: string; readonly archive: string }[];
  readonly nodes?: readonly string[];
}
