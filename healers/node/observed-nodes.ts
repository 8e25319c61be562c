import type { Clock } from '../../harness/core/clock.ts';
import { REMEDIATION_ANNOTATION } from '../cluster/nodes.ts';
import { conditionOf, type ConfigMapObject, type LeaseObject, type NodeObject } from '../cluster/objects.ts';
import type { Remediations } from '../incident/remediations.ts';
import type { NodePolicy } from '../policy/node-policy.ts';
import { LedgerAges } from '../safety/ledger-ages.ts';
import type { MachineView, MovingView, NodeFacts, PodFacts, StandbyView, WitnessView } from './facts.ts';
import { FleetCounts } from './fleet-counts.ts';
import type { KubeletProber } from './kubelet-prober.ts';
import { LeaseClock } from './lease-clock.ts';
import { forLease } from './lease-policy.ts';
import { NodeHistory } from './node-history.ts';
import { shareOf } from './node-share.ts';
import { kubeletAddress, nodeFacts } from './observe.ts';
import { parseRemediation } from './remediation.ts';

interface ObservedNodesOptions {
  readonly clock: Clock;
  readonly policy: NodePolicy;
  readonly kubelets: KubeletProber;
  readonly machine: (node: string, systemUuid: string | undefined) => MachineView | undefined;
  readonly standby: (node: string) => StandbyView | undefined;
  readonly witnesses: (node: string) => WitnessView | undefined;
  readonly remediations: Remediations;
}

/** What was read from the server for one plan. */
export interface LiveFacts {
  readonly pods: readonly PodFacts[] | undefined;
  readonly moving: MovingView | undefined;
}

/** Everything seen of the nodes, put together from watches, prober, poller and our own writes. */
export class ObservedNodes {
  readonly ledgerAges: LedgerAges;
  readonly counts: FleetCounts;
  readonly #leases: LeaseClock;
  readonly #options: ObservedNodesOptions;
  readonly #nodes = new Map<string, NodeObject>();
  readonly #history: NodeHistory;
  /** Nodes of which an older state than the known one came: late, or the whole cluster's state was restored. */
  readonly #doubted = new Set<string>();
  /** UIDs that are known to be deleted: a late event must not bring one back. */
  readonly #deleted = new Set<string>();
  /** When a node of that name was last deleted. */
  readonly #goneAtMs = new Map<string, number>();
  /** The nodes that are being replaced, by the names of their replacements. */
  readonly #replacedBy = new Map<string, string>();
  #ledger: ConfigMapObject | undefined;

  constructor(options: ObservedNodesOptions) {
    const { clock, policy } = options;
    this.#options = options;
    this.#leases = new LeaseClock(clock);
    this.ledgerAges = new LedgerAges(clock);
    this.#history = new NodeHistory(clock);
    this.counts = new FleetCounts(clock, (name) => {
      const node = this.#nodes.get(name);
      return node === undefined ? undefined : shareOf(this.facts(node), this.#leaseOf(name), policy);
    });
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

  isDeleted(uid: string): boolean {
    return this.#deleted.has(uid);
  }

  /** Takes over what was just read from the server, whatever is known. */
  readNode(node: NodeObject): void {
    this.#doubted.delete(node.metadata.name);
    this.#take(node, this.#nodes.get(node.metadata.name));
  }

  #take(node: NodeObject, known: NodeObject | undefined): void {
    const { name, uid } = node.metadata;
    const { kubelets, policy } = this.#options;
    this.#nodes.set(name, node);
    this.#history.see(node);
    const at = kubeletAddress(node);
    if (known !== undefined && known.metadata.uid !== uid) this.#forgetNode(known);
    if (at !== undefined) kubelets.watch(name, at.address, at.port, policy.calmProbeEveryMs);
    const replacement = replacementOf(node);
    if (replacement !== undefined) this.#replacedBy.set(replacement, name);
    this.changed(name);
  }

  seeNodeDeleted(node: NodeObject): void {
    const { name, uid } = node.metadata;
    const known = this.#nodes.get(name);
    if (!this.#deleted.has(uid)) this.#goneAtMs.set(name, this.#options.clock.now().monoMs);
    this.#deleted.add(uid);
    this.#doubted.delete(name);
    if (known === undefined || known.metadata.uid !== uid) return;
    this.#nodes.delete(name);
    this.#forgetNode(known);
    this.changed(name);
  }

  /** Returns whether the lease was renewed since it was last seen. */
  seeLease(lease: LeaseObject): boolean {
    const { name } = lease.metadata;
    const isRenewed = this.#leases.see(name, lease.spec);
    this.changed(name);
    return isRenewed;
  }

  seeNoLease(name: string): void {
    this.#leases.forget(name);
    this.changed(name);
  }

  /** Undefined: there is no lease, or none that tells anything. */
  isLeaseOverdue(name: string): boolean | undefined {
    const { overdueInMs } = this.#leaseOf(name);
    return overdueInMs === undefined ? undefined : overdueInMs < 0;
  }

  /** Notes that something was seen of a node elsewhere: an answer that was missed, a machine that is off. */
  changed(name: string): void {
    this.counts.changed(name);
  }

  /** The node whose replacement this is, while it is still there. */
  replacedBy(name: string): string | undefined {
    const replaced = this.#replacedBy.get(name);
    const node = replaced === undefined ? undefined : this.#nodes.get(replaced);
    if (node !== undefined && replacementOf(node) === name) return replaced;
    this.#replacedBy.delete(name);
    return undefined;
  }

  seeLedger(ledger: ConfigMapObject | undefined): void {
    this.#ledger = ledger;
  }

  facts(node: NodeObject, live?: LiveFacts): NodeFacts {
    const { clock, policy, kubelets, remediations, machine, standby, witnesses } = this.#options;
    const { name, uid } = node.metadata;
    const memory = remediations.find(uid);
    const replacement = this.#nodes.get(replacementOf(node) ?? '');
    const { wallMs, monoMs } = clock.now();
    const history = this.#history.of(uid);
    const goneAgoMs = monoMs - (this.#goneAtMs.get(replacementOf(node) ?? '') ?? -Infinity);
    const seen = {
      wallMs,
      ...history,
      kubelet: kubelets.view(name),
      machine: machine(name, node.status?.nodeInfo?.systemUUID),
      leaseAgeMs: this.#leases.ageMs(name),
      leaseDurationMs: this.#leases.durationMs(name),
      standby: standby(name),
      witnesses: witnesses(name),
      fence: memory?.fenceView(),
      retriesInMs: memory?.retriesInMs(),
      replacement: {
        present: replacement !== undefined,
        ready: replacement !== undefined && conditionOf(replacement, 'Ready') === 'True',
        gone: replacement === undefined && goneAgoMs < (history.recordedForMs ?? 0),
      },
      pods: live?.pods,
      moving: live?.moving,
      live: live !== undefined,
    };
    return nodeFacts(node, seen, policy);
  }

  shareOf(facts: NodeFacts): ReturnType<typeof shareOf> {
    return shareOf(facts, this.#leaseOf(facts.name), this.#options.policy);
  }

  #leaseOf(name: string): Parameters<typeof shareOf>[1] {
    const ageMs = this.#leases.ageMs(name);
    const { leaseOverdueMs } = forLease(this.#options.policy, this.#leases.durationMs(name));
    return {
      overdueInMs: ageMs === undefined ? undefined : leaseOverdueMs - ageMs,
      wasRenewed: this.#leases.wasRenewed(name),
    };
  }

  #forgetNode(node: NodeObject): void {
    this.#history.forget(node.metadata.uid);
    this.#options.remediations.forget(node.metadata.uid);
    this.#options.kubelets.forget(node.metadata.name);
    this.#leases.forget(node.metadata.name);
  }
}

function isNewer(candidate: NodeObject, known: NodeObject): boolean {
  if (candidate.metadata.uid !== known.metadata.uid) return true;
  return Number(candidate.metadata.resourceVersion) >= Number(known.metadata.resourceVersion);
}

/** The node that takes the place of this one. */
function replacementOf({ metadata }: NodeObject): string | undefined {
  const remediation = parseRemediation(metadata.annotations?.[REMEDIATION_ANNOTATION]);
  return remediation === 'unreadable' ? undefined : remediation?.replacement;
}
