import type { Clock } from '../../harness/core/clock.ts';
import { given } from '../../harness/core/given.ts';
import { conditionOf, type ConfigMapObject, type LeaseObject, type NodeObject } from '../cluster/objects.ts';
import { assess, isWrong } from './assess.ts';
import type { FleetFacts, SelfFacts } from '../safety/guards.ts';
import type { MachineView, MovingView, NodeFacts, PodFacts, StandbyView } from './facts.ts';
import type { KubeletProber } from './kubelet-prober.ts';
import { LeaseClock } from './lease-clock.ts';
import { countEntries, isTooOldToBegin, openZoneLoss, readEntries } from '../safety/ledger.ts';
import { LedgerAges } from '../safety/ledger-ages.ts';
import { NodeHistory } from './node-history.ts';
import { kubeletAddress, nodeFacts, zoneOf } from './observe.ts';
import { forLease } from './lease-policy.ts';
import type { NodePolicy } from '../policy/node-policy.ts';
import { REMEDIATION_ANNOTATION } from '../cluster/nodes.ts';
import { CUT_OFF_RULE, parseRemediation } from './remediation.ts';
import { attemptName } from '../incident/remediation.ts';
import { doubtOfZone, isLostWithZone, isWitness, viewZone } from './zone.ts';
import type { Remediations } from '../incident/remediations.ts';

interface ObservedNodesOptions {
  readonly clock: Clock;
  readonly policy: NodePolicy;
  readonly random: () => number;
  readonly kubelets: KubeletProber;
  readonly machine: (node: string) => MachineView | undefined;
  readonly standby: (node: string) => StandbyView | undefined;
  readonly remediations: Remediations;
}

/** What was read from the server for one plan. */
export interface LiveFacts {
  readonly pods: readonly PodFacts[] | undefined;
  readonly moving: MovingView | undefined;
}

/** Everything seen of the nodes, put together from watches, prober, poller and our own writes. */
export class ObservedNodes {
  readonly leases: LeaseClock;
  readonly ledgerAges: LedgerAges;
  readonly #options: ObservedNodesOptions;
  readonly #nodes = new Map<string, NodeObject>();
  readonly #history: NodeHistory;
  /** Nodes of which an older state than the known one came: late, or the whole cluster's state was restored. */
  readonly #doubted = new Set<string>();
  /** UIDs that are known to be deleted: a late event must not bring one back. */
  readonly #deleted = new Set<string>();
  #ledger: ConfigMapObject | undefined;

  constructor(options: ObservedNodesOptions) {
    this.#options = options;
    this.leases = new LeaseClock(options.clock);
    this.ledgerAges = new LedgerAges(options.clock);
    this.#history = new NodeHistory(options.clock);
  }

  names(): readonly string[] {
    return [...this.#nodes.keys()];
  }

  node(name: string): NodeObject | undefined {
    return this.#nodes.get(name);
  }

  get ledger(): ConfigMapObject | undefined {
    return this.#ledger;
  }

  /** Takes over a Node object unless a newer state of it is known. */
  seeNode(node: NodeObject): void {
    const { name, uid } = node.metadata;
    const known = this.#nodes.get(name);
    if (this.#deleted.has(uid)) return;
    if (known !== undefined && !isNewer(node, known)) {
      this.#doubted.add(name);
      return;
    }
    this.#take(node, known);
  }

  isDoubted(name: string): boolean {
    return this.#doubted.has(name);
  }

  /** Takes over what was just read from the server, whatever is known. */
  readNode(node: NodeObject): void {
    this.#doubted.delete(node.metadata.name);
    this.#take(node, this.#nodes.get(node.metadata.name));
  }

  #take(node: NodeObject, known: NodeObject | undefined): void {
    const { name, uid } = node.metadata;
    this.#nodes.set(name, node);
    this.#history.see(node);
    const at = kubeletAddress(node);
    if (known !== undefined && known.metadata.uid !== uid) this.#forgetNode(known);
    if (at !== undefined) {
      this.#options.kubelets.watch(name, at.address, at.port, this.#options.policy.calmProbeEveryMs);
    }
  }

  seeNodeDeleted(node: NodeObject): void {
    const known = this.#nodes.get(node.metadata.name);
    this.#deleted.add(node.metadata.uid);
    this.#doubted.delete(node.metadata.name);
    if (known === undefined || known.metadata.uid !== node.metadata.uid) return;
    this.#nodes.delete(node.metadata.name);
    this.#forgetNode(known);
  }

  /** Returns whether the lease was renewed since it was last seen. */
  seeLease(lease: LeaseObject): boolean {
    return this.leases.see(lease.metadata.name, lease.spec);
  }

  /** Undefined: there is no lease, or none that tells anything. */
  isLeaseOverdue(name: string): boolean | undefined {
    const ageMs = this.leases.ageMs(name);
    if (ageMs === undefined) return undefined;
    return ageMs > forLease(this.#options.policy, this.leases.durationMs(name)).leaseOverdueMs;
  }

  /** The node whose replacement this is, while it is still there. */
  replacedBy(name: string): string | undefined {
    for (const node of this.#nodes.values()) {
      const remediation = parseRemediation(node.metadata.annotations?.[REMEDIATION_ANNOTATION]);
      if (remediation !== undefined && remediation !== 'unreadable' && remediation.replacement === name) {
        return node.metadata.name;
      }
    }
    return undefined;
  }

  seeLedger(ledger: ConfigMapObject | undefined): void {
    this.#ledger = ledger;
  }

  facts(node: NodeObject, live?: LiveFacts): NodeFacts {
    const { clock, policy, kubelets, remediations } = this.#options;
    const { name, uid } = node.metadata;
    const memory = remediations.find(uid);
    const remediation = parseRemediation(node.metadata.annotations?.[REMEDIATION_ANNOTATION]);
    const replacement =
      remediation !== undefined && remediation !== 'unreadable' && remediation.replacement !== undefined
        ? this.#nodes.get(remediation.replacement)
        : undefined;
    return nodeFacts(
      node,
      {
        wallMs: clock.now().wallMs,
        ...this.#history.of(uid),
        kubelet: kubelets.view(name),
        machine: this.#options.machine(name),
        leaseAgeMs: this.leases.ageMs(name),
        leaseDurationMs: this.leases.durationMs(name),
        standby: this.#options.standby(name),
        fence: memory?.fenceView(),
        retriesInMs: memory?.retriesInMs(),
        replacement: {
          present: replacement !== undefined,
          ready: replacement !== undefined && conditionOf(replacement, 'Ready') === 'True',
        },
        pods: live?.pods,
        moving: live?.moving,
        live: live !== undefined,
      },
      policy,
    );
  }

  /** What is known of the one node that is planned for: of a silent one also how the rest of its zone fares. */
  factsInZone(node: NodeObject, live?: LiveFacts): NodeFacts {
    const { policy, kubelets } = this.#options;
    const facts = this.facts(node, live);
    if (facts.zone === '' || facts.kubelet.failuresInRow < 2) return facts;
    const nodes = [...this.#nodes.values()];
    const others = nodes.filter((each) => zoneOf(each) === facts.zone && each.metadata.name !== facts.name);
    const isOnly = nodes.every((each) => zoneOf(each) === facts.zone);
    // Where one of many is heard, the silence of the others decides nothing: only who is treated is of interest then.
    const witness = others.find(({ metadata }) => isWitness(kubelets.view(metadata.name), facts, policy));
    const telling =
      witness === undefined
        ? others
        : others.filter(
            (each) => each === witness || each.metadata.annotations?.[REMEDIATION_ANNOTATION] !== undefined,
          );
    const view = viewZone(
      facts,
      telling.map((each) => this.facts(each)),
      policy,
    );
    return view === undefined || isOnly ? facts : { ...facts, zoneView: view };
  }

  /** What is wrong with zones of which no node answers, by their names. */
  zonesInDoubt(): ReadonlyMap<string, string> {
    const { policy, kubelets } = this.#options;
    const zones = Map.groupBy(this.#nodes.values(), zoneOf);
    zones.delete('');
    if (zones.size < 2) return new Map();
    return new Map(
      [...zones].flatMap(([zone, nodes]) => {
        const isSilent = ({ metadata }: NodeObject): boolean =>
          kubelets.view(metadata.name).failuresInRow >= policy.kubeletFailures;
        if (!nodes.every(isSilent)) return [];
        const doubt = doubtOfZone(
          nodes.map((node) => this.facts(node)),
          policy,
        );
        return doubt === undefined ? [] : [[zone, doubt]];
      }),
    );
  }

  /** The whole cluster from the point of view of one node. */
  fleet(
    about: NodeFacts,
    self: SelfFacts,
    held: Pick<FleetFacts, 'suspended' | 'zoneSuspended'>,
  ): FleetFacts {
    return whenAsked(() => ({ ...this.#count(about, self), ...given(held) }));
  }

  #count(about: NodeFacts, self: SelfFacts): FleetFacts {
    const { policy, clock, random, remediations } = this.#options;
    let nodes = 0;
    let unhealthy = 0;
    let leases = 0;
    let staleLeases = 0;
    let unprovenLeases = 0;
    const inFlight = new Map<string, { node: string; zone: string }>();
    const all = this.ledgerAges.of(readEntries(this.#ledger));
    const isZoneLost = isLostWithZone(about, policy);
    const known = isZoneLost
      ? (about.remediation?.zoneLoss ?? openZoneLoss(all, about.zone) ?? about.zoneView?.loss)
      : undefined;
    // What was lost together counts as one, whichever of it is asked for.
    const isWithIt = (zone: string, uid: string): boolean =>
      isZoneLost && zone === about.zone && uid !== about.uid;
    const entries = all.filter(
      (each) => known === undefined || each.zoneLoss !== known || each.uid === about.uid,
    );
    // The ledger is read live and written before anything else, so it knows of treatments that no watch has told of yet.
    for (const entry of entries) {
      const { node, zone, uid } = entry;
      if (entry.endedAtMs !== undefined || this.#deleted.has(uid) || isWithIt(zone, uid)) continue;
      // One that was noted and never marked on its node, after a crash in between, is held for the while that the mark may take.
      const isMarked = this.#nodes.get(node)?.metadata.annotations?.[REMEDIATION_ANNOTATION] !== undefined;
      if (isMarked || !isTooOldToBegin(entry)) inFlight.set(uid, { node, zone });
    }
    for (const node of this.#nodes.values()) {
      const facts = node.metadata.name === about.name ? about : this.facts(node);
      const isOverdue = this.isLeaseOverdue(facts.name);
      if (isOverdue !== undefined) {
        leases++;
        if (isOverdue) staleLeases++;
        if (!this.leases.wasRenewed(facts.name)) unprovenLeases++;
      }
      const treated = facts.remediation !== undefined && facts.remediation.phase !== 'cancelled';
      if (isWithIt(facts.zone, facts.uid)) continue;
      // One that a person has stopped may stand for days, and so may one that gets nowhere: they keep nobody waiting.
      if (facts.paused !== undefined || remediations.find(facts.uid)?.isStuck === true)
        inFlight.delete(facts.uid);
      // A mere cordon treats nothing.
      else if (treated && facts.remediation.rule !== CUT_OFF_RULE)
        inFlight.set(facts.uid, { node: facts.name, zone: facts.zone });
      // Somebody else takes care of those that are marked: neither are they ours to heal, nor do they stand in for others.
      if (!treated && facts.foreignMarker !== undefined) continue;
      nodes++;
      if (treated || isUnhealthy(facts, self, policy)) unhealthy++;
    }
    const { openAttempt, ...counted } = countEntries(entries, about, policy.budgetWindowMs);
    const attempt = openAttempt ?? attemptName(about.name, about.uid, clock.now().wallMs, random());
    return {
      nodes,
      unhealthy,
      leases,
      staleLeases,
      unprovenLeases,
      // What would be done keeps nobody waiting.
      inFlight: policy.mode === 'observe' ? [] : [...inFlight.values()],
      ...counted,
      attempt,
      ...given({ zoneLoss: isZoneLost ? (known ?? attempt) : undefined }),
    };
  }

  /** What a partition would show in, over the whole cluster. */
  signsOfPartition(): { nodes: number; leases: number; staleLeases: number; unheard: number } {
    const { policy, kubelets } = this.#options;
    let leases = 0;
    let staleLeases = 0;
    let unheard = 0;
    for (const name of this.#nodes.keys()) {
      const isOverdue = this.isLeaseOverdue(name);
      if (isOverdue === undefined) continue;
      leases++;
      if (isOverdue) staleLeases++;
      else if (kubelets.view(name).failuresInRow >= policy.kubeletFailures) unheard++;
    }
    return { nodes: this.#nodes.size, leases, staleLeases, unheard };
  }

  #forgetNode(node: NodeObject): void {
    this.#history.forget(node.metadata.uid);
    this.#options.remediations.forget(node.metadata.uid);
    this.#options.kubelets.forget(node.metadata.name);
    this.leases.forget(node.metadata.name);
  }
}

/**
 * Counts the cluster when somebody first asks. Nearly every look is at a healthy node, whose plan asks nothing about the
 * others: with a thousand nodes, counting each time would be most of the work.
 */
function whenAsked(count: () => FleetFacts): FleetFacts {
  let counted: FleetFacts | undefined;
  return new Proxy({} as FleetFacts, { get: (_, key): unknown => Reflect.get((counted ??= count()), key) });
}

/** One missed answer is weather; two, or a machine that is off, counts against the cluster's health. */
function isUnhealthy(facts: NodeFacts, self: SelfFacts, policy: NodePolicy): boolean {
  const { health } = assess(facts, self, policy);
  if (health === 'suspect') return facts.kubelet.failuresInRow > 1 || facts.machine?.state === 'off';
  return isWrong(health);
}

function isNewer(candidate: NodeObject, known: NodeObject): boolean {
  if (candidate.metadata.uid !== known.metadata.uid) return true;
  return Number(candidate.metadata.resourceVersion) >= Number(known.metadata.resourceVersion);
}
