import { REMEDIATION_ANNOTATION } from '../../cluster/nodes.ts';
import { PAUSE_ANNOTATION } from '../../cluster/pause-watch.ts';
import { CUT_OFF_RULE, fencingName, OPT_OUT_LABEL, parseRemediation } from '../../node/remediation.ts';
import type { NodeObject, PodObject } from '../../cluster/objects.ts';
import type { NodePolicy } from '../../policy/node-policy.ts';
import { RefereeOfBudgets } from './referee-budgets.ts';
import { RefereeOfCalls } from './referee-calls.ts';
import { RefereeOfDrains } from './referee-drains.ts';
import { RefereeOfMessages } from './referee-messages.ts';
import { RefereeOfWriters } from './referee-writers.ts';
import { Violations } from './violations.ts';
import type { SimCluster } from './sim-cluster.ts';
import type { SimMachine } from './sim-machine.ts';

/** How long the truth has to have been otherwise before acting against it is a fault: messages take time. */
const GRACE_MS = 1500;
/** How long after a deed a treatment may be under way. */
const BUSY_MS = 25_000;
/** How long what one healer hears of another may lag: an answer may be three seconds old when it is used. */
const HEARD_GRACE_MS = 4500;
/** How long leases may lag: a renewal that was dropped on the way is seen late, and then taken for a fresh one. */
const LEASE_GRACE_MS = 9000;
const OVERDUE_RENEWALS = 1.2;
/** Within which people hear of what nobody could do anything about. */
const TELLING_MS = 5000;
/** Within which they hear of a lost node: its lease has to be overdue, and it may have to wait for its turn. */
const LOST_TELLING_MS = 45_000;
/** How long a node may be taken for one that answers: it is asked every five seconds, and what was begun then is carried out. */
const ZONE_GRACE_MS = 9000;

/** Watches every change that healers make and holds it against the truth. */
export class SimReferee {
  readonly calls: RefereeOfCalls;
  readonly drains: RefereeOfDrains;
  readonly budgets: RefereeOfBudgets;
  readonly messages: RefereeOfMessages;
  /** Changes made by healers: a run without a fault must have none. */
  actions = 0;
  /** Whether some healer is up and reaches the machine. */
  isHeard: (machine: SimMachine) => boolean = () => false;
  readonly #cluster: SimCluster;
  readonly #policy: NodePolicy;
  readonly #found: Violations;
  readonly #heardSinceMs = new Map<string, number>();
  readonly #fencedAttempts = new Map<string, string>();
  readonly #replacedAtMs = new Map<string, number>();
  readonly #deedAtMs = new Map<string, number>();
  readonly #lostSinceMs = new Map<string, number>();
  /** Machines that were well before, and until when they stand still. */
  readonly #pausedUntilMs = new Map<string, number>();
  #massStaleSinceMs: number | undefined;
  /** Since when no node of a zone is reached while the machine of one is said to be on. */
  readonly #cutZonesSinceMs = new Map<string, number>();

  constructor(cluster: SimCluster, policy: NodePolicy) {
    this.#cluster = cluster;
    this.#policy = policy;
    const violations = (this.#found = new Violations(() => cluster.nowMs));
    this.calls = new RefereeOfCalls(violations);
    this.drains = new RefereeOfDrains(cluster, violations);
    this.budgets = new RefereeOfBudgets(cluster, violations, policy);
    this.messages = new RefereeOfMessages(violations);
    this.drains.isTold = (pod) => this.messages.isTold(pod);
    new RefereeOfWriters(cluster, violations);
    this.#sample();
  }

  get violations(): readonly string[] {
    return this.#found.found;
  }

  patched(healer: string, leading: boolean, before: NodeObject | undefined, after: NodeObject): void {
    this.actions++;
    const { name, uid } = after.metadata;
    this.#deedAtMs.set(name, this.#cluster.nowMs);
    if (!leading) this.#violation(`${healer} patched ${name} without leading`);
    const uncordoned = before?.spec?.unschedulable === true && after.spec?.unschedulable !== true;
    if (uncordoned && this.#cluster.personCordons.has(uid)) {
      this.#violation(`${healer} undid a person's cordon of ${name}`);
    }
    const wasMarked = before?.metadata.annotations?.[REMEDIATION_ANNOTATION] !== undefined;
    const isMarked = after.metadata.annotations?.[REMEDIATION_ANNOTATION] !== undefined;
    if (!wasMarked && isMarked) {
      const remediation = parseRemediation(after.metadata.annotations?.[REMEDIATION_ANNOTATION]);
      if (typeof remediation === 'object' && remediation.rule !== CUT_OFF_RULE)
        this.budgets.begun(healer, name, remediation);
      if (this.#cluster.foreignSinceMs.has(uid))
        this.#violation(`${healer} treated ${name}, which somebody else takes care of`);
      const { labels = {}, annotations = {} } = before?.metadata ?? {};
      if (labels[OPT_OUT_LABEL] !== undefined) this.#violation(`${healer} treated ${name}, which opted out`);
      if (annotations[PAUSE_ANNOTATION] !== undefined)
        this.#violation(`${healer} treated ${name}, which is paused`);
    }
    const taints = (after.spec?.taints?.length ?? 0) - (before?.spec?.taints?.length ?? 0);
    if (taints > 0) this.#mustBeOff(healer, name, 'tainted');
  }

  podDeleted(healer: string, leading: boolean, pod: PodObject): void {
    this.actions++;
    const { name } = pod.metadata;
    const node = pod.spec?.nodeName;
    if (!leading) this.#violation(`${healer} deleted pod ${name} without leading`);
    this.drains.goes(healer, pod);
    if (node === undefined) this.#violation(`${healer} deleted pod ${name}, which runs nowhere`);
    else this.#mustBeOff(healer, node, `deleted pod ${name} of`);
  }

  nodeDeleted(healer: string, leading: boolean, node: NodeObject): void {
    this.actions++;
    const { name, uid } = node.metadata;
    if (!leading) this.#violation(`${healer} deleted node ${name} without leading`);
    if (!this.#replacedAtMs.has(uid))
      this.#violation(`${healer} deleted node ${name}, which was not replaced`);
    const left = [...this.#cluster.pods.values()].filter((pod) => pod.spec?.nodeName === name);
    const remediation = parseRemediation(node.metadata.annotations?.[REMEDIATION_ANNOTATION]);
    if (remediation === undefined || remediation === 'unreadable')
      this.#violation(`${healer} deleted node ${name} unmarked`);
    // One may have been bound while the request was under way.
    if (left.length > 1) this.#violation(`${healer} deleted node ${name} with ${left.length} pods`);
  }

  unaudited(healer: string, name: string): void {
    this.#violation(`${healer} powered ${name} off, which its audit does not say`);
  }

  poweredOff(healer: string, leading: boolean, machine: SimMachine, attempt: string): void {
    this.actions++;
    const { name, uid } = machine;
    if (!leading) this.#violation(`${healer} powered ${name} off without leading`);
    const node = this.#cluster.nodes.get(name);
    const remediation = parseRemediation(node?.metadata.annotations?.[REMEDIATION_ANNOTATION]);
    if (remediation === undefined || remediation === 'unreadable' || fencingName(remediation) !== attempt) {
      this.#violation(`${healer} powered ${name} off; the attempt ${attempt} was not recorded before`);
    }
    const heardForMs = this.#cluster.nowMs - (this.#heardSinceMs.get(name) ?? Infinity);
    // The interface and the healer's own way to the node deceive it at once: no rule could have told.
    const deceived = machine.claims === 'off' && machine.hiddenFrom.has(healer);
    if (machine.powered && !deceived && this.isHeard(machine) && heardForMs > HEARD_GRACE_MS) {
      const { notReadyForMs, drainDeadlineMs } = this.#policy;
      const { nowMs } = this.#cluster;
      const isReadyAgain = machine.notReady === undefined && nowMs - machine.readySinceMs > GRACE_MS;
      const drainedForMs = nowMs - machine.notReadySinceMs - notReadyForMs;
      if (drainedForMs > drainDeadlineMs && !isReadyAgain) this.drains.cut(healer, machine);
      else this.#violation(`${healer} powered ${name} off, which answered for ${heardForMs.toFixed(0)} ms`);
    }
    if (machine.powered && this.#isOnlyPaused(machine))
      this.#violation(`${healer} powered ${name} off, which was paused for a moment`);
    const foreignForMs = this.#cluster.nowMs - (this.#cluster.foreignSinceMs.get(uid) ?? Infinity);
    if (foreignForMs > GRACE_MS)
      this.#violation(`${healer} powered ${name} off, which somebody else takes care of`);
    const cutForMs = this.#cluster.nowMs - (this.#cutZonesSinceMs.get(machine.zone) ?? Infinity);
    if (machine.powered && machine.claims !== 'off' && cutForMs > ZONE_GRACE_MS)
      this.#violation(`${healer} powered ${name} off, whose whole zone is cut off`);
    if (this.#fencedAttempts.get(uid) !== attempt) this.#newFence(healer, machine);
    this.#fencedAttempts.set(uid, attempt);
  }

  /** A zone lost its power, and nothing else has happened since: all pods run where there is power by now. */
  zoneLost(zone: string): void {
    for (const { metadata, spec } of this.#cluster.pods.values()) {
      const machine = this.#cluster.machines.get(spec?.nodeName ?? '');
      if (machine?.powered !== true) this.#violation(`pod ${metadata.name} of lost ${zone} is not restored`);
    }
  }

  replaced(healer: string, leading: boolean, machine: SimMachine, attempt: string): void {
    this.actions++;
    if (!leading) this.#violation(`${healer} replaced ${machine.name} without leading`);
    // One that was made anew under its own name may be lost again.
    if (this.#replacedAtMs.has(machine.uid) && machine.replaceTrouble !== 'keeps-name')
      this.#violation(`${healer} replaced ${machine.name} twice, now as ${attempt}`);
    if (machine.powered) this.#mustBeOff(healer, machine.name, 'replaced');
    this.#replacedAtMs.set(machine.uid, this.#cluster.nowMs);
  }

  /** What has to be true when nothing has happened for long enough. */
  calm(): void {
    const nodes = [...this.#cluster.nodes.values()];
    // Those that opted out are neither ours to heal, nor do they stand in for others.
    const ours = nodes.filter(({ metadata }) => metadata.labels?.[OPT_OUT_LABEL] === undefined);
    const lostOf = (some: readonly NodeObject[]): number => some.filter((node) => !this.#lives(node)).length;
    // With so many losses the guards rightly refuse for good.
    const tooMany = lostOf(nodes) > 3 || [nodes, ours].some((some) => lostOf(some) * 2 > some.length);
    const isBusy = nodes.some(({ metadata }) => this.#isBusy(metadata.name));
    // One whose replacement never comes, or whose Node somebody else holds, keeps others waiting for a while.
    const waitsForOthers = nodes.filter((node) => this.#waitsForOthers(node));
    for (const { metadata } of waitsForOthers)
      if (this.#isLate(metadata.uid) && !this.messages.isTold(metadata.name, 'critical'))
        this.#violation(`${metadata.name} waits for others for ever, and nobody was told`);
    for (const node of this.#cluster.nodes.values()) {
      const { name, uid, labels = {}, annotations = {} } = node.metadata;
      if (this.#isBusy(name)) continue;
      const alive = this.#lives(node);
      const exempt = labels[OPT_OUT_LABEL] !== undefined || annotations[PAUSE_ANNOTATION] !== undefined;
      const cancelled = annotations[REMEDIATION_ANNOTATION]?.includes('"cancelled"') === true;
      const isHeld = this.#isCut(this.#cluster.machines.get(name)?.zone ?? '');
      const isGivenUp =
        isBusy || cancelled || tooMany || isHeld || waitsForOthers.length > 0 || this.budgets.isUsedUp(name);
      const lostForMs = this.#cluster.nowMs - (this.#lostSinceMs.get(name) ?? Infinity);
      const isKnown = [name, `zone ${this.#cluster.machines.get(name)?.zone ?? ''}`].some((each) =>
        this.messages.isTold(each),
      );
      if (!alive && !exempt && lostForMs > LOST_TELLING_MS && !isKnown)
        this.#violation(`${name} is lost for ${lostForMs.toFixed(0)} ms, and nobody was told`);
      if (!alive && !exempt && !isGivenUp) this.#violation(`${name} is dead and was not replaced`);
      // A person who pauses a treatment keeps also its end from being made.
      const isPaused = annotations[PAUSE_ANNOTATION] !== undefined;
      if (!alive || (isPaused && annotations[REMEDIATION_ANNOTATION] !== undefined)) continue;
      if (annotations[REMEDIATION_ANNOTATION] !== undefined)
        this.#violation(`${name} lives and still carries our record`);
      if ((node.spec?.taints ?? []).length > 0) this.#violation(`${name} lives and still carries our taint`);
      if (node.spec?.unschedulable === true && !this.#cluster.personCordons.has(uid)) {
        this.#violation(`${name} lives and our cordon leaked`);
      }
    }
  }

  /** Whether something was done about it just now, as where a budget allowed that so late. */
  #isBusy(name: string): boolean {
    return this.#cluster.nowMs - (this.#deedAtMs.get(name) ?? -Infinity) < BUSY_MS;
  }

  #isLate(uid: string): boolean {
    const sinceMs = this.#replacedAtMs.get(uid) ?? Infinity;
    return this.#cluster.nowMs - sinceMs > this.#policy.replacementDeadlineMs + TELLING_MS;
  }

  #waitsForOthers({ metadata }: NodeObject): boolean {
    const remediation = parseRemediation(metadata.annotations?.[REMEDIATION_ANNOTATION]);
    if (typeof remediation !== 'object' || remediation.phase !== 'replaced') return false;
    const { replacement = '' } = remediation;
    const isMissing = replacement === metadata.name || !this.#cluster.nodes.has(replacement);
    return metadata.deletionTimestamp !== undefined || isMissing;
  }

  /** A machine that was well stands still for a moment: nothing but that may happen to it. */
  paused({ name }: SimMachine, untilMs: number): void {
    const heardForMs = this.#cluster.nowMs - (this.#heardSinceMs.get(name) ?? Infinity);
    const isTreated =
      this.#cluster.nodes.get(name)?.metadata.annotations?.[REMEDIATION_ANNOTATION] !== undefined;
    if (heardForMs > HEARD_GRACE_MS && !isTreated) this.#pausedUntilMs.set(name, untilMs);
  }

  #isOnlyPaused({ name, frozen, cableOut, hiddenFrom, claims, notReady }: SimMachine): boolean {
    const isPaused = this.#cluster.nowMs < (this.#pausedUntilMs.get(name) ?? -Infinity) + GRACE_MS;
    const isOtherwiseWell =
      !frozen && !cableOut && hiddenFrom.size === 0 && claims !== 'off' && notReady === undefined;
    return isPaused && isOtherwiseWell;
  }

  #lives(node: NodeObject): boolean {
    const machine = this.#cluster.machines.get(node.metadata.name);
    return machine !== undefined && this.#cluster.isAlive(machine) && !machine.cableOut;
  }

  /** Whether the other node is off, too, in the same zone, or was when both began: a zone that is off is one loss. */
  #wentWith(machine: SimMachine, other: NodeObject | undefined): boolean {
    const theirs = this.#cluster.machines.get(other?.metadata.name ?? '');
    const isOff = ({ powered, claims, poweredSinceMs }: SimMachine): boolean =>
      !powered || claims === 'off' || this.#cluster.nowMs - poweredSinceMs < GRACE_MS;
    const [one, another] = [this.#cluster.nodes.get(machine.name), other].map(zoneLossOf);
    return (
      theirs?.zone === machine.zone &&
      isOff(machine) &&
      (isOff(theirs) || (one !== undefined && one === another))
    );
  }

  /** Whether no node of a zone is reached, while the machine of one is said to be on: that is no loss of machines. */
  #isCut(zone: string): boolean {
    const machines = [...this.#cluster.nodes.values()].flatMap(({ metadata }) => {
      const machine = this.#cluster.machines.get(metadata.name);
      const remediation = parseRemediation(metadata.annotations?.[REMEDIATION_ANNOTATION]);
      const phase = typeof remediation === 'object' ? remediation.phase : undefined;
      const isMarked =
        metadata.labels?.[OPT_OUT_LABEL] !== undefined || this.#cluster.foreignSinceMs.has(metadata.uid);
      const isLeftOut = phase === 'replacing' || phase === 'replaced' || isMarked;
      return machine?.zone !== zone || isLeftOut ? [] : [machine];
    });
    return (
      machines.length > 1 &&
      machines.every((each) => !this.#cluster.isAlive(each) || each.cableOut) &&
      machines.some(({ claims, powered }) => (claims ?? (powered ? 'on' : 'off')) === 'on')
    );
  }

  #newFence(healer: string, machine: SimMachine): void {
    const open = [...this.#fencedAttempts.keys()].filter((uid) => {
      const node = [...this.#cluster.nodes.values()].find((each) => each.metadata.uid === uid);
      const remediation = parseRemediation(node?.metadata.annotations?.[REMEDIATION_ANNOTATION]);
      return (
        remediation !== undefined &&
        remediation !== 'unreadable' &&
        remediation.phase !== 'cancelled' &&
        node?.metadata.annotations?.[PAUSE_ANNOTATION] === undefined &&
        uid !== machine.uid &&
        !(node !== undefined && this.#waitsForOthers(node)) &&
        !this.#wentWith(machine, node)
      );
    });
    if (open.length > 0)
      this.#violation(`${healer} fenced ${machine.name} while ${open.join(', ')} was under treatment`);
    if (
      this.#massStaleSinceMs !== undefined &&
      this.#cluster.nowMs - this.#massStaleSinceMs > LEASE_GRACE_MS
    ) {
      this.#violation(`${healer} fenced ${machine.name} while most leases were stale`);
    }
  }

  #mustBeOff(healer: string, name: string, deed: string): void {
    const machine = this.#cluster.machines.get(name);
    if (machine?.powered !== true) return;
    const onForMs = this.#cluster.nowMs - machine.poweredSinceMs;
    if (onForMs > GRACE_MS)
      this.#violation(`${healer} ${deed} ${name}, whose power was on for ${onForMs.toFixed(0)} ms`);
  }

  #sample(): void {
    for (const machine of this.#cluster.machines.values()) {
      if (!this.isHeard(machine)) this.#heardSinceMs.delete(machine.name);
      else if (!this.#heardSinceMs.has(machine.name))
        this.#heardSinceMs.set(machine.name, this.#cluster.nowMs);
    }
    for (const node of this.#cluster.nodes.values()) {
      if (this.#lives(node)) this.#lostSinceMs.delete(node.metadata.name);
      else if (!this.#lostSinceMs.has(node.metadata.name))
        this.#lostSinceMs.set(node.metadata.name, this.#cluster.nowMs);
    }
    const names = [...this.#cluster.nodes.keys()];
    const overdueMs = (name: string): number =>
      OVERDUE_RENEWALS * this.#cluster.kubelets.leaseRenewalMs(name);
    const stale = names.filter((name) => this.#cluster.leaseAgeMs(name) > overdueMs(name) + 500).length;
    if (stale > 1 && stale * 2 > names.length) this.#massStaleSinceMs ??= this.#cluster.nowMs;
    else this.#massStaleSinceMs = undefined;
    for (const zone of new Set([...this.#cluster.machines.values()].map((machine) => machine.zone))) {
      if (!this.#isCut(zone)) this.#cutZonesSinceMs.delete(zone);
      else if (!this.#cutZonesSinceMs.has(zone)) this.#cutZonesSinceMs.set(zone, this.#cluster.nowMs);
    }
    this.#cluster.clock.after(250, () => this.#sample());
  }

  #violation(text: string): void {
    this.#found.add(text);
  }
}

/** The loss of a whole zone that a node is treated for. */
function zoneLossOf(node: NodeObject | undefined): string | undefined {
  const remediation = parseRemediation(node?.metadata.annotations?.[REMEDIATION_ANNOTATION]);
  return typeof remediation === 'object' ? remediation.zoneLoss : undefined;
}
