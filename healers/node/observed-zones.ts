import type { NodePolicy } from '../policy/node-policy.ts';
import type { NodeFacts } from './facts.ts';
import type { KubeletProber } from './kubelet-prober.ts';
import type { ObservedNodes } from './observed-nodes.ts';
import { ASKED_AT_ONCE, doubtOfZone, hasAnsweredSince, isWitness, viewZone } from './zone.ts';

/** How the zones fare that nodes are in; '' is none. */
export class ObservedZones {
  readonly #observed: ObservedNodes;
  readonly #kubelets: KubeletProber;
  readonly #policy: NodePolicy;

  constructor(observed: ObservedNodes, kubelets: KubeletProber, policy: NodePolicy) {
    this.#observed = observed;
    this.#kubelets = kubelets;
    this.#policy = policy;
  }

  /** What is known of the one node that is planned for: of a silent one also how the rest of its zone fares. */
  of(facts: NodeFacts): NodeFacts {
    if (facts.zone === '' || facts.kubelet.failuresInRow < 2) return facts;
    const { zones } = this.#observed.counts;
    // Where one zone is all, its silence is that of the cluster.
    if (zones.size < 2) return facts;
    const view = viewZone(facts, this.#factsOf(this.#telling(facts)), this.#policy);
    return view === undefined ? facts : { ...facts, zoneView: view };
  }

  /** What is wrong with zones of which no node answers, by their names. */
  inDoubt(): ReadonlyMap<string, string> {
    const { zones } = this.#observed.counts;
    const doubts = new Map<string, string>();
    for (const [zone, { tally, names }] of zones) {
      if (zone === '' || tally.silent < tally.all || zones.size - (zones.has('') ? 1 : 0) < 2) continue;
      const doubt = doubtOfZone(this.#factsOf(names), this.#policy);
      if (doubt !== undefined) doubts.set(zone, doubt);
    }
    return doubts;
  }

  /** Those of its zone that a view of it depends on: of many that say the same, one. */
  #telling(about: NodeFacts): ReadonlySet<string> {
    const kinds = this.#observed.counts.zones.get(about.zone)?.kinds;
    if (kinds === undefined) return new Set();
    const view = (name: string) => this.#kubelets.view(name);
    const telling = new Set(kinds.recorded);
    // Where one of many is heard, the silence of the others decides nothing: only who is treated is of interest then.
    const witness = first(kinds.calm, about, (name) => isWitness(view(name), about, this.#policy));
    telling.delete(about.name);
    if (witness !== undefined) return telling.add(witness);
    const answering = first(kinds.calm, about, (name) => hasAnsweredSince(view(name), about));
    const others = [answering, first(kinds.oursOff, about), first(kinds.oursNotOff, about)];
    for (const name of others) if (name !== undefined) telling.add(name);
    let unasked = 0;
    for (const name of kinds.calm) {
      if (unasked === ASKED_AT_ONCE) break;
      if (name === about.name || hasAnsweredSince(view(name), about)) continue;
      telling.add(name);
      unasked++;
    }
    return telling;
  }

  #factsOf(names: Iterable<string>): readonly NodeFacts[] {
    return [...names].flatMap((name) => {
      const node = this.#observed.node(name);
      return node === undefined ? [] : [this.#observed.facts(node)];
    });
  }
}

/** The first other node of these for which it holds. */
function first(
  names: ReadonlySet<string>,
  about: NodeFacts,
  holds: (name: string) => boolean = () => true,
): string | undefined {
  for (const name of names) if (name !== about.name && holds(name)) return name;
  return undefined;
}
