import { given } from '../../harness/core/given.ts';
import type { Clock } from '../../harness/core/clock.ts';
import type { MachineInterface } from '../../infra/machines/protocol.ts';
import type { ClusterApi } from '../cluster/cluster-api.ts';
import type { LeaseObject, NodeObject, PodObject } from '../cluster/objects.ts';
import { Remediations } from '../incident/remediations.ts';
import type { Reporter } from '../incident/remediations.ts';
import type { NodePolicy } from '../policy/node-policy.ts';
import type { Audit } from '../runtime/audit-file.ts';
import { ReconcileLoop } from '../runtime/reconcile-loop.ts';
import type { Timers } from '../runtime/work-queue.ts';
import type { SelfFacts } from '../safety/guards.ts';
import { ObserveOnlyApi, ObserveOnlyMachines } from '../safety/observe-only.ts';
import { Suspension } from '../safety/suspension.ts';
import { NodeActor } from './act.ts';
import { NodeController } from './controller.ts';
import type { StandbyView } from './facts.ts';
import type { NodeGuard } from './guards.ts';
import { KubeletBoard } from './kubelet-board.ts';
import type { AskKubelet } from './kubelet-board.ts';
import { MachineBoard } from './machine-board.ts';
import { NodeWorld } from './world.ts';

/** All that the parts ask, act on and tell: a process's own, or that of a simulation. */
interface NodeSurroundings {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
  readonly policy: NodePolicy;
  readonly audit: Audit;
  readonly reporter: Reporter;
  readonly api: ClusterApi;
  readonly machines: MachineInterface | undefined;
  readonly askKubelet: AskKubelet;
  /** What the other healer said last of a node; `askStandby` has it asked, and whoever hears the answer calls `loop.add`. */
  readonly standbyView: (node: string) => StandbyView | undefined;
  readonly askStandby: (node: string) => void;
  readonly stillLeading: () => boolean;
  /** Since the last answer of the API server to us. */
  readonly apiAgeMs: () => number;
  readonly paused?: string | undefined;
  readonly podFails: (pod: PodObject, signal: AbortSignal) => Promise<boolean>;
  readonly ownNamespace: string;
  readonly workers: number;
  readonly guards?: readonly NodeGuard[];
  readonly onMachineProblem?: (problem: string | undefined) => void;
  readonly onSuspension?: (reason: string | undefined) => void;
  readonly onError: (node: string, error: unknown) => void;
}

/** The parts of the node path, joined: what is seen goes to the world, changes call for a look, the loop looks. */
export class NodeParts {
  readonly kubelets: KubeletBoard;
  readonly board: MachineBoard | undefined;
  readonly remediations: Remediations;
  readonly world: NodeWorld;
  readonly suspension: Suspension;
  readonly controller: NodeController;
  readonly loop: ReconcileLoop;
  readonly #around: NodeSurroundings;
  readonly #observing: ObserveOnlyApi | undefined;

  constructor(around: NodeSurroundings) {
    this.#around = around;
    const { policy, clock, timers, audit, stillLeading, apiAgeMs, paused } = around;
    this.#observing = policy.mode === 'observe' ? new ObserveOnlyApi(around.api) : undefined;
    const api = this.#observing ?? around.api;
    const observedOnly = this.#observing !== undefined && around.machines !== undefined;
    const machines = observedOnly ? new ObserveOnlyMachines(around.machines) : around.machines;
    const onChange = (node: string): void => this.loop.add(node);
    const onProblem = around.onMachineProblem ?? (() => undefined);
    const { random, askKubelet: ask } = around;

    const kubelets = (this.kubelets = new KubeletBoard({ clock, timers, random, ask, onChange }));
    const board = (this.board =
      machines === undefined ? undefined : new MachineBoard({ machines, clock, onChange, onProblem }));
    const remediations = (this.remediations = new Remediations(
      audit,
      clock,
      around.reporter,
      this.#observing !== undefined,
    ));
    const world = (this.world = new NodeWorld({
      clock,
      policy,
      kubelets,
      machine: (node) => board?.view(node),
      standby: around.standbyView,
      remediations,
    }));
    const suspension = (this.suspension = new Suspension({
      clock,
      audit,
      apiFreshMs: policy.apiFreshMs,
      goodForMs: policy.aliveForMs,
      onChange: (reason) => around.onSuspension?.(reason),
    }));
    const actor = new NodeActor({
      api,
      machines,
      board,
      remediations,
      clock,
      stillLeading,
      onWritten: (node) => world.seeNode(node),
      onLedger: (ledger) => world.seeLedger(ledger),
    });
    this.controller = new NodeController({
      api,
      world,
      actor,
      remediations,
      suspension,
      kubelets,
      policy,
      clock,
      ownNamespace: around.ownNamespace,
      self: (): SelfFacts => ({
        leading: stillLeading(),
        apiAgeMs: apiAgeMs(),
        machineInterface: machines !== undefined,
        wallMs: clock.now().wallMs,
        ...given({ paused }),
      }),
      askStandby: around.askStandby,
      podFails: around.podFails,
      ...given({ guards: around.guards }),
    });
    this.loop = new ReconcileLoop({
      reconcile: async (node, signal) => await this.controller.reconcile(node, signal),
      clock,
      timers,
      workers: around.workers,
      retry: { firstMs: 50, maxMs: 1000 },
      onError: around.onError,
    });
  }

  seeNode(node: NodeObject): void {
    this.world.seeNode(this.#observing?.show(node) ?? node);
    this.loop.add(node.metadata.name);
    const replaced = this.world.replacedBy(node.metadata.name);
    if (replaced !== undefined) this.loop.add(replaced);
  }

  seeNodeDeleted(node: NodeObject): void {
    this.world.seeNodeDeleted(node);
    this.remediations.gone({ kind: 'Node', ...node.metadata });
    this.loop.add(node.metadata.name);
  }

  seeLease(lease: LeaseObject): void {
    const { name } = lease.metadata;
    const overdue = (this.world.leases.ageMs(name) ?? 0) > this.#around.policy.leaseOverdueMs;
    if (this.world.seeLease(lease) && overdue) this.loop.add(name);
  }

  lookAtAll(): void {
    for (const name of this.world.names()) this.loop.add(name);
  }

  lookForSuspension(): void {
    this.suspension.see({ ...this.world.signsOfPartition(), apiAgeMs: this.#around.apiAgeMs() });
  }
}
