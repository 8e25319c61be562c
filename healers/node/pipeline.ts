import { given } from '../../harness/core/given.ts';
import type { Clock } from '../../harness/core/clock.ts';
import type { MachineInterface } from '../../infra/machines/protocol.ts';
import { CLUSTER_READS, type ClusterApi } from '../cluster/cluster-api.ts';
import type { LeaseObject, NodeObject, PodObject } from '../cluster/objects.ts';
import { Remediations } from '../incident/remediations.ts';
import type { Reporter } from '../incident/report.ts';
import type { NodePolicy } from '../policy/node-policy.ts';
import { ReconcileLoop } from '../runtime/reconcile-loop.ts';
import type { Timers } from '../runtime/work-queue.ts';
import type { SelfFacts } from '../safety/guards.ts';
import { Gate, gated } from '../safety/gate.ts';
import { ObserveOnlyApi, ObserveOnlyMachines } from '../safety/observe-only.ts';
import { SuspendedZones } from '../safety/suspended-zones.ts';
import { Suspension } from '../safety/suspension.ts';
import type { UnfailingAudit } from '../safety/unfailing-audit.ts';
import { NodeActor } from './act.ts';
import { NodeController } from './controller.ts';
import type { StandbyView, WitnessView } from './facts.ts';
import type { NodeGuard } from './guards.ts';
import { KubeletProber, type AskKubelet } from './kubelet-prober.ts';
import { MachinePoller } from './machine-poller.ts';
import { ObservedFleet } from './observed-fleet.ts';
import { ObservedNodes } from './observed-nodes.ts';
import { ObservedZones } from './observed-zones.ts';

/** Whom the pipeline asks, acts on and tells: a process's own, or those of a simulation. */
interface NodeDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
  readonly policy: NodePolicy;
  readonly audit: UnfailingAudit;
  readonly reporter: Reporter;
  readonly api: ClusterApi;
  readonly machines: MachineInterface | undefined;
  readonly askKubelet: AskKubelet;
  /** What the other healer said last of a node; `askStandby` has it asked, and whoever hears the answer calls `loop.add`. */
  readonly standbyView: (node: string) => StandbyView | undefined;
  readonly askStandby: (node: string) => void;
  /** The same for the witnesses, which look for as long as a silence has to last. */
  readonly witnessView: (node: string) => WitnessView | undefined;
  readonly askWitnesses: (node: string) => void;
  readonly stillLeading: () => boolean;
  /** Since the last answer of the API server to us. */
  readonly apiAgeMs: () => number;
  /** Why nothing may be done; asked before every call that changes something. */
  readonly paused?: () => string | undefined;
  readonly podFails: (pod: PodObject, signal: AbortSignal) => Promise<boolean>;
  readonly ownNamespace: string;
  readonly workers: number;
  readonly guards?: readonly NodeGuard[];
  readonly onMachineProblem?: (problem: string | undefined) => void;
  readonly onSuspension?: (reason: string | undefined) => void;
  readonly onError: (node: string, error: unknown) => void;
}

/** The node path joined together: what is seen is observed, changes wake the loop, and the loop reconciles one node. */
export class NodePipeline {
  readonly kubelets: KubeletProber;
  readonly machinePoller: MachinePoller | undefined;
  readonly remediations: Remediations;
  readonly observed: ObservedNodes;
  readonly suspension: Suspension;
  readonly zones: SuspendedZones;
  readonly controller: NodeController;
  readonly loop: ReconcileLoop;
  readonly #dependencies: NodeDependencies;
  readonly #observing: ObserveOnlyApi | undefined;
  readonly #fleet: ObservedFleet;
  readonly #inZones: ObservedZones;

  constructor(dependencies: NodeDependencies) {
    this.#dependencies = dependencies;
    const { policy, clock, timers, audit, stillLeading, apiAgeMs, paused = () => undefined } = dependencies;
    this.#observing = policy.mode === 'observe' ? new ObserveOnlyApi(dependencies.api) : undefined;
    const gate = new Gate({ clock, stillLeading, paused });
    const api = gated(this.#observing ?? dependencies.api, gate, CLUSTER_READS);
    const { machines: reachable } = dependencies;
    const machines =
      reachable && gated(this.#observing ? new ObserveOnlyMachines(reachable) : reachable, gate, ['states']);
    const onChange = (node: string): void => {
      this.observed.changed(node);
      this.loop.add(node);
    };
    const onProblem = dependencies.onMachineProblem ?? (() => undefined);
    const { random, askKubelet: ask } = dependencies;

    const kubelets = (this.kubelets = new KubeletProber({
      clock,
      timers,
      random,
      ask,
      onChange,
      onSlow: onChange,
    }));
    const machinePoller = (this.machinePoller =
      machines === undefined ? undefined : new MachinePoller({ machines, clock, onChange, onProblem }));
    const remediations = (this.remediations = new Remediations(
      audit,
      clock,
      dependencies.reporter,
      this.#observing !== undefined,
    ));
    const observed = (this.observed = new ObservedNodes({
      clock,
      policy,
      kubelets,
      machine: (node, systemUuid) => machinePoller?.view(node, systemUuid),
      standby: dependencies.standbyView,
      witnesses: dependencies.witnessView,
      remediations,
    }));
    this.#fleet = new ObservedFleet({ clock, policy, random, remediations, observed });
    this.#inZones = new ObservedZones(observed, kubelets, policy);
    const suspension = (this.suspension = new Suspension({
      clock,
      audit,
      apiFreshMs: policy.apiFreshMs,
      goodForMs: policy.aliveForMs,
      onChange: (reason) => dependencies.onSuspension?.(reason),
    }));
    const zones = (this.zones = new SuspendedZones({
      clock,
      audit,
      goodForMs: policy.aliveForMs,
      notify: (...message) => dependencies.reporter.notify(...message),
      onChange: () => this.lookAtAll(),
    }));
    const actor = new NodeActor({
      api,
      machines,
      machinePoller,
      remediations,
      clock,
      onWritten: (node) => observed.seeNode(node),
      onLedger: (ledger) => observed.seeLedger(ledger),
      ledgerAges: observed.ledgerAges,
    });
    this.controller = new NodeController({
      api,
      observed,
      fleet: this.#fleet,
      inZones: this.#inZones,
      actor,
      machinePoller,
      remediations,
      suspension,
      zones,
      kubelets,
      policy,
      clock,
      ownNamespace: dependencies.ownNamespace,
      self: (): SelfFacts => ({
        leading: stillLeading(),
        apiAgeMs: apiAgeMs(),
        machineInterface: machines !== undefined,
        wallMs: clock.now().wallMs,
        ...given({ paused: paused(), auditProblem: audit.problem }),
      }),
      askStandby: dependencies.askStandby,
      askWitnesses: dependencies.askWitnesses,
      podFails: dependencies.podFails,
      ...given({ guards: dependencies.guards }),
    });
    this.loop = new ReconcileLoop({
      reconcile: async (node, signal) => await this.controller.reconcile(node, signal),
      clock,
      timers,
      workers: dependencies.workers,
      retry: { firstMs: 50, maxMs: 1000 },
      onError: dependencies.onError,
    });
  }

  seeNode(node: NodeObject): void {
    this.observed.seeNode(this.#observing?.show(node) ?? node);
    this.loop.add(node.metadata.name);
    const replaced = this.observed.replacedBy(node.metadata.name);
    if (replaced !== undefined) this.loop.add(replaced);
  }

  seeNodeDeleted(node: NodeObject): void {
    this.observed.seeNodeDeleted(node);
    this.remediations.gone({ kind: 'Node', ...node.metadata });
    this.loop.add(node.metadata.name);
  }

  seeLease(lease: LeaseObject): void {
    const { name } = lease.metadata;
    const overdue = this.observed.isLeaseOverdue(name) === true;
    if (this.observed.seeLease(lease) && overdue) this.loop.add(name);
  }

  lookAtAll(): void {
    for (const name of this.observed.names()) this.loop.add(name);
  }

  /** Looks, some times a second, whether we may act at all. */
  lookForSuspension(): void {
    this.#dependencies.audit.check();
    this.suspension.see({ ...this.#fleet.signsOfPartition(), apiAgeMs: this.#dependencies.apiAgeMs() });
    this.zones.see(this.#inZones.inDoubt());
  }
}
