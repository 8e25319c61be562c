import { foreignMarks } from './foreign-remediators.ts';
import type { SafetyPolicy } from './safety-policy.ts';

/** The rules of the node path as numbers. Durations are milliseconds of the healer's own clock. */
export interface NodePolicy extends SafetyPolicy {
  /** `observe` takes every decision and records it, and changes nothing; nobody waits for what would be done. */
  readonly mode: 'act' | 'observe';
  /** How long one question to a kubelet may take. */
  readonly kubeletTimeoutMs: number;
  readonly kubeletFailures: number;
  readonly calmProbeEveryMs: number;
  /** How soon a healthy kubelet is asked again at the earliest, by who leads. */
  readonly calmProbeLeastMs: number;
  /** How many questions a second who leads has for healthy kubelets: the fewer nodes, the sooner it notices that one is silent. */
  readonly calmProbesPerSecond: number;
  readonly suspectProbeEveryMs: number;
  /** Between probes of a node whose machine is said to be off. */
  readonly burstProbeEveryMs: number;
  /** A node lease older than this is overdue by one renewal. This and the other ages are those of a lease of 40 s; see `healers/node/lease-policy.ts`. */
  readonly leaseOverdueMs: number;
  /** The age at which a lease counts where no other healer can be asked. */
  readonly leaseOverdueAloneMs: number;
  /** The age at which a lease counts where another healer is there and does not answer. */
  readonly leaseOverdueUnansweredMs: number;
  /** The age at which two independent signals count without a machine interface, where policy allows that. */
  readonly leaseLostMs: number;
  /**
   * How long a node whose machine is on has to be silent, for us and for each witness. More than the 5 s that a machine may be paused or starved for,
   * and the half second within which it then answers.
   */
  readonly silenceMs: number;
  /** Where a node answers HTTP besides its kubelet; only one that did so before is a witness. Usual: the kube-proxy's health. */
  readonly secondPort: number;
  readonly machineFreshMs: number;
  readonly standbyFreshMs: number;
  /** A node that was never seen Ready is left alone for this long after its creation. */
  readonly startGraceMs: number;
  /** For how long a node has to be not Ready before that counts: a kubelet that restarts is so for a moment. */
  readonly notReadyForMs: number;
  /** For how long it has to be Ready again before that counts: one that flaps is one incident, not a recovery at each turn. */
  readonly readyForMs: number;
  /** For how long a node that a person has cordoned has to be silent: it may be rebooting. */
  readonly cordonedSilentMs: number;
  /** How long a node has to answer again before its treatment is called off. */
  readonly aliveForMs: number;
  readonly drainDeadlineMs: number;
  /** How much more of their own grace pods that were evicted are given before the power of a node that answers is cut. */
  readonly drainGraceMs: number;
  readonly drainStepMs: number;
  /**
   * How long the replacement waits for moved pods to become Ready elsewhere: users come first, and a machine that
   * starts takes its share of whatever the cluster runs on. A pod that fits nowhere ends the wait.
   */
  readonly replaceAfterMs: number;
  /** How long the end of a treatment waits for moved pods. */
  readonly movedWithinMs: number;
  readonly replacementDeadlineMs: number;
  readonly resyncMs: number;
  /** What a node without a machine interface gets. */
  readonly withoutMachine: 'cordon' | 'two-signals';
  /** Whether a node that is not Ready and could not be drained in time is fenced and replaced. */
  readonly fenceAfterDrain: boolean;
  /** Label selector of the nodes that may be treated; '' for all. Of the others every decision is recorded and none carried out. */
  readonly onlyNodes: string;
  /** Marks of whoever is at work on the node: autoscalers, upgrades, other healers. Each is a key, or `KEY=VALUE`. */
  readonly foreignTaints: readonly string[];
  readonly foreignAnnotations: readonly string[];
  readonly foreignLabels: readonly string[];
  readonly poolLabel: string;
}

export const DEFAULT_NODE_POLICY: NodePolicy = {
  mode: 'observe',
  kubeletTimeoutMs: 500,
  kubeletFailures: 3,
  calmProbeEveryMs: 5000,
  calmProbeLeastMs: 250,
  calmProbesPerSecond: 100,
  suspectProbeEveryMs: 500,
  burstProbeEveryMs: 200,
  leaseOverdueMs: 12_000,
  leaseOverdueAloneMs: 13_000,
  leaseOverdueUnansweredMs: 15_000,
  leaseLostMs: 30_000,
  silenceMs: 5600,
  secondPort: 10_256,
  apiFreshMs: 3000,
  machineFreshMs: 5000,
  standbyFreshMs: 3000,
  startGraceMs: 600_000,
  notReadyForMs: 3000,
  readyForMs: 60_000,
  cordonedSilentMs: 300_000,
  aliveForMs: 2000,
  drainDeadlineMs: 30_000,
  drainGraceMs: 600_000,
  drainStepMs: 500,
  replaceAfterMs: 10_000,
  movedWithinMs: 60_000,
  replacementDeadlineMs: 600_000,
  resyncMs: 30_000,
  minimumHealthyPercent: 50,
  maximumUnhealthy: 3,
  maximumInFlight: 1,
  maximumInFlightPerZone: 1,
  coolDownMs: 10_000,
  budgetWindowMs: 3_600_000,
  budgetPerNode: 3,
  budgetPerPool: 5,
  withoutMachine: 'cordon',
  fenceAfterDrain: true,
  maintenance: [],
  onlyNodes: '',
  foreignTaints: foreignMarks('taint'),
  foreignAnnotations: foreignMarks('annotation'),
  foreignLabels: foreignMarks('label'),
  poolLabel: 'firedrill.dev/role',
};
