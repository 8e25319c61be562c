import type { Clock } from '../../harness/core/clock.ts';
import { messageOf } from '../../harness/core/errors.ts';
import { ConflictError } from '../cluster/call.ts';
import type { ClusterApi } from '../cluster/cluster-api.ts';
import { inFewLists } from '../cluster/sibling-pods.ts';
import type { ConfigMapObject, NodeObject, PodObject } from '../cluster/objects.ts';
import type { Remediations } from '../incident/remediations.ts';
import { waitAskedFor } from '../runtime/retry-after.ts';
import { accountOf } from './account.ts';
import { calmPaceMs } from './calm-pace.ts';
import type { NodeActor } from './act.ts';
import type { FleetFacts, SelfFacts } from '../safety/guards.ts';
import type { NodeFacts } from './facts.ts';
import { GUARDS, type NodeGuard } from './guards.ts';
import type { KubeletProber } from './kubelet-prober.ts';
import {
  abandonedEntries,
  readEntries,
  withEnded,
  writeEntries,
  type LedgerEntry,
} from '../safety/ledger.ts';
import { movingView, podFacts } from './observe.ts';
import type { MachinePoller } from './machine-poller.ts';
import { planNode } from './plan.ts';
import { fencingName } from './remediation.ts';
import { RETRY_MS, type NodePlan } from './plan-answer.ts';
import type { NodePolicy } from '../policy/node-policy.ts';
import type { SuspendedZones } from '../safety/suspended-zones.ts';
import type { Suspension } from '../safety/suspension.ts';
import type { ObservedFleet } from './observed-fleet.ts';
import type { LiveFacts, ObservedNodes } from './observed-nodes.ts';
import type { ObservedZones } from './observed-zones.ts';

interface NodeControllerOptions {
  readonly api: ClusterApi;
  readonly observed: ObservedNodes;
  readonly fleet: ObservedFleet;
  readonly inZones: ObservedZones;
  readonly actor: NodeActor;
  readonly machinePoller: MachinePoller | undefined;
  readonly remediations: Remediations;
  readonly suspension: Suspension;
  readonly zones: SuspendedZones;
  readonly kubelets: KubeletProber;
  readonly policy: NodePolicy;
  readonly clock: Clock;
  readonly ownNamespace: string;
  readonly self: () => SelfFacts;
  /** Asks the other healer about a node; its answer comes as a new reconcile. */
  readonly askStandby: (node: string) => void;
  /** Has the witnesses look at a node; what they say comes as a new reconcile. */
  readonly askWitnesses: (node: string) => void;
  /** Whether a pod's own readiness endpoint fails when asked directly. */
  readonly podFails: (pod: PodObject, signal: AbortSignal) => Promise<boolean>;
  readonly guards?: readonly NodeGuard[];
}

interface Decision {
  readonly node: NodeObject;
  readonly facts: NodeFacts;
  readonly fleet: FleetFacts;
  readonly plan: NodePlan;
  readonly ledger: ConfigMapObject | undefined;
}

const CONFLICT_RETRY_MS = 5;
const FAILURE_RETRY_MS = 250;
/** So much of what an entry aged is lost at most when all healers end at once. */
const AGES_WRITTEN_EVERY_MS = 60_000;

/** Looks at one node: reads what is observed, plans, and carries out at most one step. */
export class NodeController {
  readonly #options: NodeControllerOptions;

  constructor(options: NodeControllerOptions) {
    this.#options = options;
  }

  reconcile = async (name: string, signal: AbortSignal): Promise<{ readonly afterMs?: number }> => {
    const { observed, kubelets, remediations, askStandby, askWitnesses, policy, self } = this.#options;
    const doubted = observed.isDoubted(name) ? observed.node(name) : undefined;
    if (doubted !== undefined) {
      try {
        await this.#readAgain(name, signal);
      } catch (error) {
        return this.#brokeLook(doubted, error, signal);
      }
    }
    const cached = observed.node(name);
    if (cached === undefined) return {};
    let decision = this.#decide(cached, observed.ledger);
    const { probeEveryMs } = decision.plan.assessment;
    const isUrgent = probeEveryMs < policy.calmProbeEveryMs;
    const calmMs = self().leading ? calmPaceMs(observed.names().length, policy) : policy.calmProbeEveryMs;
    kubelets.pace(name, isUrgent ? probeEveryMs : calmMs, isUrgent);
    for (const each of decision.facts.zoneView?.unasked ?? []) kubelets.askNow(each);
    // What a leader would do at once is not due for one who does not lead; looking again and again would be all that comes of it.
    const { step, afterMs } = decision.plan;
    if (!self().leading) return { afterMs: step.kind === 'rest' ? Math.max(1, afterMs) : RETRY_MS };
    if (decision.plan.assessment.askStandby) askStandby(name);
    if (decision.plan.assessment.askWitnesses) askWitnesses(name);
    if (step.kind === 'look') {
      try {
        const live = await this.#look(name, cached, signal);
        if (live === undefined) return { afterMs: CONFLICT_RETRY_MS };
        decision = live;
      } catch (error) {
        return this.#brokeLook(cached, error, signal);
      }
      remediations.find(cached.metadata.uid)?.succeeded('look');
    }
    if (decision.plan.verdict === 'later') return { afterMs: decision.plan.afterMs };
    remediations.planned(accountOf(decision.facts, decision.plan));
    return { afterMs: await this.#carryOut(decision, signal) };
  };

  /**
   * Watches the ledger, also while another leads, so that its entries age. Whoever leads writes down now and then how old they are, and
   * ends those that no treatment answers for any more, and what the account may touch for them: a crash kept their end from being written.
   */
  async keepLedger(signal: AbortSignal): Promise<void> {
    const { api, observed, clock, policy, self } = this.#options;
    // Read before the ledger, which a treatment is noted in before the account may touch its node.
    const allowed = self().leading ? await api.readAllowed(signal) : [];
    const ledger = await api.readLedger(signal);
    observed.seeLedger(ledger);
    const written = readEntries(ledger);
    let entries = observed.ledgerAges.of(written);
    const stateOf = (about: Pick<LedgerEntry, 'node' | 'uid'>): 'gone' | 'treated' | 'untreated' => {
      const node = observed.node(about.node);
      if (node?.metadata.uid !== about.uid) return 'gone';
      const { remediation } = observed.facts(node);
      return remediation === undefined || remediation.phase === 'cancelled' ? 'untreated' : 'treated';
    };
    const abandoned = abandonedEntries(entries, stateOf);
    const isAged = written.some(
      ({ agedMs = 0 }, index) =>
        agedMs < policy.budgetWindowMs && (entries[index]?.agedMs ?? 0) - agedMs >= AGES_WRITTEN_EVERY_MS,
    );
    if (!self().leading || self().paused !== undefined) return;
    for (const { attempt, ending } of abandoned)
      entries = withEnded(entries, attempt, clock.now().wallMs, ending);
    const open = new Set(entries.flatMap(({ uid, endedAtMs }) => (endedAtMs === undefined ? uid : [])));
    for (const touched of allowed)
      if (!open.has(touched.uid) && stateOf(touched) !== 'treated') await api.disallow(touched.uid, signal);
    if (abandoned.length === 0 && !isAged) return;
    observed.seeLedger(await api.writeLedger(ledger, writeEntries(entries), signal));
  }

  #decide(node: NodeObject, ledger: ConfigMapObject | undefined, live?: LiveFacts): Decision {
    const { observed, inZones, policy, suspension, zones, guards } = this.#options;
    const self = this.#options.self();
    const facts = inZones.of(observed.facts(node, live));
    const held = { suspended: suspension.reason, zoneSuspended: zones.reason(facts.zone) };
    const fleet = this.#options.fleet.about(facts, held);
    return { node, facts, fleet, ledger, plan: planNode(facts, fleet, self, policy, guards ?? GUARDS) };
  }

  /** What the server says at this moment is so, also where it is older than what is known: a state that was restored. */
  async #readAgain(name: string, signal: AbortSignal): Promise<void> {
    const { api, observed } = this.#options;
    const before = observed.node(name);
    const node = await api.readNode(name, signal);
    // What came meanwhile is newer than the answer, and wakes us again.
    if (observed.node(name) !== before) return;
    if (node !== undefined) observed.readNode(node);
    else if (before !== undefined) observed.seeNodeDeleted(before);
  }

  #brokeLook({ metadata: { name, uid } }: NodeObject, error: unknown, signal: AbortSignal) {
    if (signal.aborted) throw error;
    const { remediations } = this.#options;
    remediations.errors.broke('Node', name, messageOf(error));
    return { afterMs: remediations.of(uid).failed('look', FAILURE_RETRY_MS, waitAskedFor(error)) };
  }

  /** Reads the node, its lease, its pods and the ledger from the server, and decides again on them alone. */
  async #look(name: string, cached: NodeObject, signal: AbortSignal): Promise<Decision | undefined> {
    const { api, observed } = this.#options;
    const { remediation, fence } = observed.facts(cached);
    const treated = remediation !== undefined;
    // What follows a proof rests on a machine that is off at this moment, not on one that was.
    const isProved =
      remediation?.phase === 'replacing' ||
      (treated && fence?.attempt === fencingName(remediation) && fence.provedAgoMs !== undefined);
    const [node, lease, ledger, pods, moving] = await Promise.all([
      api.readNode(name, signal),
      api.readNodeLease(name, signal),
      api.readLedger(signal),
      treated ? api.listPodsOnNode(name, signal) : undefined,
      treated ? this.#moving(cached, signal) : undefined,
      isProved ? this.#options.machinePoller?.ask(signal) : undefined,
    ]);
    if (node === undefined) {
      observed.seeNodeDeleted(cached);
      return undefined;
    }
    observed.seeNode(node);
    if (lease === undefined) observed.seeNoLease(name);
    else observed.seeLease(lease);
    observed.seeLedger(ledger);
    const podsThere = pods === undefined ? undefined : await this.#podFacts(node, pods, signal);
    return this.#decide(node, ledger, { pods: podsThere, moving });
  }

  /** What became of the pods that were deleted from this node. */
  async #moving(node: NodeObject, signal: AbortSignal): Promise<NodeFacts['moving']> {
    const { api, remediations } = this.#options;
    const moved = remediations.find(node.metadata.uid)?.movedPods();
    if (moved === undefined) return undefined;
    try {
      const lists = await Promise.all(
        [...moved.siblings].flatMap(([namespace, selectors]) =>
          inFewLists(selectors).map(async (each) => await api.listPodsIn(namespace, each, signal)),
        ),
      );
      return movingView(lists.flat(), moved.owners, moved.sinceMs);
    } catch (error) {
      signal.throwIfAborted();
      // They are waited for out of courtesy: whoever cannot be counted is waited for no longer than anybody else.
      return { sinceMs: moved.sinceMs, unready: 1, unschedulable: 0, problem: messageOf(error) };
    }
  }

  async #podFacts(
    node: NodeObject,
    pods: readonly PodObject[],
    signal: AbortSignal,
  ): Promise<NodeFacts['pods']> {
    const { observed, remediations, ownNamespace, podFails } = this.#options;
    const draining = observed.facts(node).remediation?.phase === 'draining';
    const memory = remediations.of(node.metadata.uid);
    return await Promise.all(
      pods.map(async (pod) => {
        const { uid, deletionTimestamp } = pod.metadata;
        return podFacts(pod, ownNamespace, {
          failing: draining && (await podFails(pod, signal)),
          refused: memory.refusal(uid),
          leavingForMs: deletionTimestamp === undefined ? 0 : memory.leavingForMs(uid),
        });
      }),
    );
  }

  async #carryOut(decision: Decision, signal: AbortSignal): Promise<number> {
    const { actor, remediations } = this.#options;
    const { plan, facts } = decision;
    const { step } = plan;
    if (step.kind === 'rest' || step.kind === 'look') return Math.max(1, plan.afterMs);
    const account = accountOf(facts, plan);
    remediations.decided(account);
    try {
      remediations.acted(account, await actor.carryOut(step, decision, signal));
      remediations.find(facts.uid)?.succeeded(step.kind);
      return plan.afterMs;
    } catch (error) {
      if (signal.aborted) throw error;
      const isConflict = error instanceof ConflictError;
      const firstMs = isConflict ? CONFLICT_RETRY_MS : FAILURE_RETRY_MS;
      const waitMs = remediations.of(facts.uid).failed(step.kind, firstMs, waitAskedFor(error));
      // Somebody wrote in between; nothing was changed, so look again at once. Nobody writes again and again.
      if (isConflict && waitMs < RETRY_MS) return waitMs;
      remediations.failed(account, messageOf(error));
      return waitMs;
    }
  }
}
