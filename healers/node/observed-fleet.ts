import type { Clock } from '../../harness/core/clock.ts';
import { given } from '../../harness/core/given.ts';
import { REMEDIATION_ANNOTATION } from '../cluster/nodes.ts';
import type { ConfigMapObject } from '../cluster/objects.ts';
import { attemptName } from '../incident/remediation.ts';
import type { Remediations } from '../incident/remediations.ts';
import type { NodePolicy } from '../policy/node-policy.ts';
import type { FleetFacts } from '../safety/guards.ts';
import {
  countEntries,
  isTooOldToBegin,
  openZoneLoss,
  readEntries,
  type LedgerEntry,
} from '../safety/ledger.ts';
import type { NodeFacts } from './facts.ts';
import type { NodeShare } from './node-share.ts';
import type { ObservedNodes } from './observed-nodes.ts';
import { isLostWithZone } from './zone.ts';

interface ObservedFleetOptions {
  readonly clock: Clock;
  readonly policy: NodePolicy;
  readonly random: () => number;
  readonly remediations: Remediations;
  readonly observed: ObservedNodes;
}

/** The whole cluster from the point of view of one node: counts that are kept, and the ledger. */
export class ObservedFleet {
  readonly #options: ObservedFleetOptions;
  #ledger: ConfigMapObject | undefined;
  #entries: readonly LedgerEntry[] = [];

  constructor(options: ObservedFleetOptions) {
    this.#options = options;
  }

  about(node: NodeFacts, held: Pick<FleetFacts, 'suspended' | 'zoneSuspended'>): FleetFacts {
    return whenAsked(() => ({ ...this.#count(node), ...given(held) }));
  }

  /** What a partition would show in, over the whole cluster. */
  signsOfPartition(): { nodes: number; leases: number; staleLeases: number; unheard: number } {
    const { telling, leases, staleLeases, unheard } = this.#options.observed.counts.total;
    return { nodes: telling, leases, staleLeases, unheard };
  }

  #count(about: NodeFacts): FleetFacts {
    const { policy, clock, random, observed } = this.#options;
    const { counts } = observed;
    const { leases, staleLeases, unprovenLeases } = counts.total;
    const all = observed.ledgerAges.of(this.#readEntries());
    const isZoneLost = isLostWithZone(about, policy);
    const known = isZoneLost
      ? (about.remediation?.zoneLoss ?? openZoneLoss(all, about.zone) ?? about.zoneView?.loss)
      : undefined;
    const entries = all.filter(
      (each) => known === undefined || each.zoneLoss !== known || each.uid === about.uid,
    );
    const { openAttempt, ...counted } = countEntries(entries, about, policy.budgetWindowMs);
    const attempt = openAttempt ?? attemptName(about.name, about.uid, clock.now().wallMs, random());
    return {
      ...this.#countHealth(about, isZoneLost),
      leases,
      staleLeases,
      unprovenLeases,
      // What would be done keeps nobody waiting.
      inFlight: policy.mode === 'observe' ? [] : this.#inFlight(about, entries, isZoneLost),
      ...counted,
      attempt,
      ...given({ zoneLoss: isZoneLost ? (known ?? attempt) : undefined }),
    };
  }

  /** The node itself as it is planned for. What was lost together counts as one, whichever of it is asked for. */
  #countHealth(about: NodeFacts, isZoneLost: boolean): Pick<FleetFacts, 'nodes' | 'unhealthy'> {
    const { counts } = this.#options.observed;
    let { nodes, unhealthy } = counts.total;
    const zone = isZoneLost ? counts.zones.get(about.zone)?.tally : undefined;
    nodes -= zone?.nodes ?? 0;
    unhealthy -= zone?.unhealthy ?? 0;
    const before = counts.share(about.name);
    const count = ({ isCounted, isUnhealthy }: NodeShare, sign: 1 | -1): void => {
      if (isCounted) nodes += sign;
      if (isCounted && isUnhealthy) unhealthy += sign;
    };
    if (before === undefined) return { nodes, unhealthy };
    if (!isZoneLost || before.zone !== about.zone) count(before, -1);
    count(this.#options.observed.shareOf(about), 1);
    return { nodes, unhealthy };
  }

  #inFlight(about: NodeFacts, entries: readonly LedgerEntry[], isZoneLost: boolean): FleetFacts['inFlight'] {
    const { observed } = this.#options;
    const { counts } = observed;
    const inFlight = new Map<string, { node: string; zone: string }>();
    const see = ({ uid, name, zone, ...share }: NodeShare): void => {
      if (share.isInFlight && !this.#keepsNobodyWaiting(uid, share)) inFlight.set(uid, { node: name, zone });
    };
    // The ledger is read live and written before anything else, so it knows of treatments that no watch has told of yet.
    for (const entry of entries) {
      const { node, zone, uid } = entry;
      const isWithIt = isZoneLost && zone === about.zone && uid !== about.uid;
      if (entry.endedAtMs !== undefined || observed.isDeleted(uid) || isWithIt) continue;
      const share = uid === about.uid ? observed.shareOf(about) : counts.share(node);
      if (share?.uid === uid && this.#keepsNobodyWaiting(uid, share)) continue;
      // One that was noted and never marked on its node, after a crash in between, is held for the while that the mark may take.
      const isMarked = observed.node(node)?.metadata.annotations?.[REMEDIATION_ANNOTATION] !== undefined;
      if (isMarked || !isTooOldToBegin(entry)) inFlight.set(uid, { node, zone });
    }
    for (const [zone, { kinds }] of counts.zones) {
      if (isZoneLost && zone === about.zone) continue;
      for (const name of kinds.inFlight) {
        const share = name === about.name ? undefined : counts.share(name);
        if (share !== undefined) see(share);
      }
    }
    if (counts.share(about.name) !== undefined) see(observed.shareOf(about));
    return [...inFlight.values()];
  }

  /** One that a person has stopped may stand for days, one that somebody has to let go of, too, and so may one that gets nowhere. */
  #keepsNobodyWaiting(uid: string, { isForOthers }: Pick<NodeShare, 'isForOthers'>): boolean {
    return isForOthers || this.#options.remediations.find(uid)?.isStuck === true;
  }

  #readEntries(): readonly LedgerEntry[] {
    const { ledger } = this.#options.observed;
    if (ledger !== this.#ledger) this.#entries = readEntries(ledger);
    this.#ledger = ledger;
    return this.#entries;
  }
}

/** Counts when somebody first asks. Nearly every look is at a healthy node, whose plan asks nothing about the others. */
function whenAsked(count: () => FleetFacts): FleetFacts {
  let counted: FleetFacts | undefined;
  return new Proxy({} as FleetFacts, { get: (_, key): unknown => Reflect.get((counted ??= count()), key) });
}
