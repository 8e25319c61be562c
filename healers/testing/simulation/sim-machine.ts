/** What is wrong with a node whose kubelet answers and reports that it is not Ready: with a dead `runtime` no pod ends either. */
type NodeTrouble = 'network' | 'runtime';

/** How the machine interface misbehaves about one machine. `lies-once`: it says once that it cut the power, and did not. */
type InterfaceTrouble = 'denies' | 'hangs' | 'unknown' | 'lies-once' | 'replays' | 'late';

/** How a replacement turns out: in place under the old name, without ever becoming Ready, or not at all. */
type ReplaceTrouble = 'keeps-name' | 'never-ready' | 'fails';

/** How long a machine takes to answer that has the processor it needs. */
export const ANSWER_MS = 5;

/** A machine as it really is, whatever anybody believes of it. */
export interface SimMachine {
  readonly name: string;
  readonly uid: string;
  readonly zone: string;
  powered: boolean;
  /** Hung: powered, but nothing on it answers. */
  frozen: boolean;
  /** Until when it stands still as a whole. */
  pausedUntilMs: number;
  /** How long it takes to answer: seconds, where it is starved of processor. */
  answersInMs: number;
  /** No network at all. */
  cableOut: boolean;
  /** Cut off from the API server only. */
  apiCut: boolean;
  /** Healers that do not reach its kubelet. */
  readonly hiddenFrom: Set<string>;
  notReady: NodeTrouble | undefined;
  notReadySinceMs: number;
  readySinceMs: number;
  /** Replaced: it can never start again. */
  retired: boolean;
  poweredSinceMs: number;
  /** What the machine interface claims instead of the truth. */
  claims: 'on' | 'off' | 'unknown' | undefined;
  interfaceTrouble: InterfaceTrouble | undefined;
  replaceTrouble: ReplaceTrouble | undefined;
  /** An admission webhook denies every change of its Node object, or does not answer. */
  admission: 'denies' | 'hangs' | undefined;
  /** After how long, each time, its power comes back by itself. */
  readonly powerReturnsAfterMs: number[];
  /** How long somebody else holds its Node object once it is to be deleted; undefined: nobody does. */
  finalizedForMs: number | undefined;
  /** The pods whose containers are on it, by UID: they write as long as there is power. A frozen machine goes on where it stopped. */
  readonly containers: Map<string, { readonly name: string }>;
}

export function newMachine(name: string, uid: string, zone: string, nowMs: number): SimMachine {
  return {
    name,
    uid,
    zone,
    powered: true,
    frozen: false,
    pausedUntilMs: 0,
    answersInMs: ANSWER_MS,
    cableOut: false,
    apiCut: false,
    hiddenFrom: new Set(),
    notReady: undefined,
    notReadySinceMs: Infinity,
    readySinceMs: nowMs,
    retired: false,
    poweredSinceMs: nowMs,
    claims: undefined,
    interfaceTrouble: undefined,
    replaceTrouble: undefined,
    admission: undefined,
    powerReturnsAfterMs: [],
    finalizedForMs: undefined,
    containers: new Map(),
  };
}
