import type { Clock } from '../../harness/core/clock.ts';
import { messageOf } from '../../harness/core/errors.ts';
import type { KubeClient } from '../../infra/kube/client.ts';
import type { MachineInterface } from '../../infra/machines/protocol.ts';
import type { Audit } from '../runtime/audit-file.ts';
import { clusterApi } from '../cluster/cluster-api.ts';
import { listHealerPods } from '../cluster/pods.ts';
import { standstill } from '../runtime/liveness.ts';
import type { Leadership } from '../runtime/leadership.ts';
import type { HealerMetrics } from '../runtime/metrics.ts';
import { ObserveOnlyApi, ObserveOnlyMachines } from '../safety/observe-only.ts';
import type { NodeObject } from '../cluster/objects.ts';
import { ReconcileLoop } from '../runtime/reconcile-loop.ts';
import { systemTimers } from '../runtime/work-queue.ts';
import { NodeActor } from './act.ts';
import { kubeletAsker } from './ask-kubelet.ts';
import { NodeController } from './controller.ts';
import { podFails } from './direct-probe.ts';
import type { SelfFacts } from '../safety/guards.ts';
import { KubeletBoard } from './kubelet-board.ts';
import { MachineBoard } from './machine-board.ts';
import { MachineTrouble } from './machine-trouble.ts';
import { kubeletAddress } from './observe.ts';
import type { NodePolicy } from '../policy/node-policy.ts';
import { freshView, StandbyAsker } from './standby.ts';
import type { NodeViewAnswer } from './standby.ts';
import { Suspension } from '../safety/suspension.ts';
import { Remediations } from '../incident/remediations.ts';
import type { Reporter } from '../incident/remediations.ts';
import { nodeWatches } from '../cluster/watches.ts';
import type { NodeWatches } from '../cluster/watches.ts';
import { NodeWorld } from './world.ts';

const LEADER_MACHINES_EVERY_MS = 1000;
const STANDBY_MACHINES_EVERY_MS = 5000;
const SUSPENSION_LOOK_MS = 250;
const LEDGER_LOOK_MS = 30_000;
const WORKERS = 8;
/** A quiet watch is opened anew after 150 s: what stands still for less is no evidence. */
const LEAST_STANDSTILL_MS = 180_000;
const STANDSTILL_RESYNCS = 6;

/** What the node path takes from the process around it. */
interface NodePathSurroundings {
  readonly kube: KubeClient;
  readonly machines: MachineInterface | undefined;
  readonly leadership: Pick<Leadership, 'stillLeading' | 'onTerm'>;
  readonly audit: Audit;
  readonly metrics: HealerMetrics;
  readonly notify: Reporter['notify'];
  readonly event: Reporter['event'];
  readonly policy: NodePolicy;
  readonly paused: string | undefined;
  readonly namespace: string;
  readonly pod: string;
  /** Where the other healer serves its view. */
  readonly port: number;
  readonly clock: Clock;
}

/** The node path put together: watches and boards feed the world, changes call for a look, the loop looks. */
export class NodePath {
  readonly watches: NodeWatches;
  readonly #around: NodePathSurroundings;
  readonly #asker: ReturnType<typeof kubeletAsker>;
  readonly #kubelets: KubeletBoard;
  readonly #board: MachineBoard | undefined;
  readonly #world: NodeWorld;
  readonly #remediations: Remediations;
  readonly #suspension: Suspension;
  readonly #controller: NodeController;
  readonly #loop: ReconcileLoop;

  constructor(around: NodePathSurroundings, signal: AbortSignal) {
    this.#around = around;
    const { policy, clock, audit, metrics, leadership } = around;
    const server = clusterApi(around.kube, around.namespace);
    const observing = policy.mode === 'observe' ? new ObserveOnlyApi(server) : undefined;
    const api = observing ?? server;
    const machines =
      observing !== undefined && around.machines !== undefined
        ? new ObserveOnlyMachines(around.machines)
        : around.machines;
    const shown = (node: NodeObject): NodeObject => observing?.show(node) ?? node;
    const onChange = (node: string): void => {
      this.#loop.add(node);
    };

    this.#asker = kubeletAsker(policy.kubeletTimeoutMs, clock);
    this.#kubelets = new KubeletBoard({
      clock,
      timers: systemTimers,
      ask: this.#asker.ask,
      onChange,
      random: Math.random,
    });
    const remediations = (this.#remediations = new Remediations(
      audit,
      clock,
      { event: around.event, notify: around.notify, measure: metrics },
      observing !== undefined,
    ));
    const trouble = new MachineTrouble(around);
    this.#board =
      machines === undefined
        ? undefined
        : new MachineBoard({ machines, clock, onChange, onProblem: (problem) => trouble.see(problem) });
    const standby = new StandbyAsker({
      clock,
      ownPod: around.pod,
      port: around.port,
      timeoutMs: policy.kubeletTimeoutMs + (policy.kubeletFailures - 1) * policy.burstProbeEveryMs + 600,
      pods: async (askSignal) => await listHealerPods(around.kube, around.namespace, askSignal),
      onAnswer: onChange,
      signal,
    });
    this.#world = new NodeWorld({
      clock,
      policy,
      kubelets: this.#kubelets,
      machine: (node) => this.#board?.view(node),
      standby: (node) => standby.view(node),
      remediations,
    });
    this.#suspension = new Suspension({
      clock,
      audit,
      apiFreshMs: policy.apiFreshMs,
      goodForMs: policy.aliveForMs,
      onChange: (reason) => {
        if (reason !== undefined) around.notify('suspended', 'critical', `healing is suspended: ${reason}`);
        else around.notify('suspended', 'resolved', 'healing goes on');
        this.#lookAtAll();
      },
    });
    const stillLeading = (): boolean => leadership.stillLeading();
    const actor = new NodeActor({
      api,
      machines,
      board: this.#board,
      remediations,
      clock,
      stillLeading,
      onWritten: (node) => this.#world.seeNode(node),
      onLedger: (ledger) => this.#world.seeLedger(ledger),
    });
    const self = (): SelfFacts => ({
      leading: leadership.stillLeading(),
      apiAgeMs: this.#apiAgeMs(),
      machineInterface: machines !== undefined,
      wallMs: clock.now().wallMs,
      ...(around.paused === undefined ? {} : { paused: around.paused }),
    });
    this.#controller = new NodeController({
      api,
      world: this.#world,
      actor,
      suspension: this.#suspension,
      remediations,
      kubelets: this.#kubelets,
      policy,
      clock,
      ownNamespace: around.namespace,
      self,
      askStandby: (node) => standby.ask(node),
      podFails: async (pod, probeSignal) => await podFails(pod, policy.kubeletTimeoutMs, probeSignal),
    });
    this.#loop = new ReconcileLoop({
      reconcile: this.#controller.reconcile,
      clock,
      workers: WORKERS,
      retry: { firstMs: 50, maxMs: 1000 },
      onError: (node, error) => {
        metrics.reconcileError();
        remediations.broke('Node', node, messageOf(error));
      },
    });
    this.watches = nodeWatches(around.kube, {
      node: (node) => {
        this.#world.seeNode(shown(node));
        this.#lookAtNodeAndReplaced(node.metadata.name);
      },
      nodeDeleted: (node) => {
        this.#world.seeNodeDeleted(node);
        remediations.gone({ kind: 'Node', ...node.metadata });
        onChange(node.metadata.name);
      },
      lease: (lease) => {
        const { name } = lease.metadata;
        const overdue = (this.#world.leases.ageMs(name) ?? 0) > policy.leaseOverdueMs;
        if (this.#world.seeLease(lease) && overdue) onChange(name);
      },
      endpointsLost: (node) => this.#kubelets.pace(node, policy.suspectProbeEveryMs),
    });
    leadership.onTerm((term) => {
      this.#remediations.reset();
      this.#board?.soon();
      this.#lookAtAll();
      this.#closeAbandoned(term.signal);
    });
  }

  get unhealthy(): number {
    return this.#remediations.open;
  }
  get queueDepth(): number {
    return this.#loop.depth;
  }
  get suspended(): boolean {
    return this.#suspension.reason !== undefined;
  }

  cacheAgesMs(): Readonly<Record<string, number>> {
    const nowMs = this.#around.clock.now().monoMs;
    return Object.fromEntries(
      Object.entries(this.watches.freshAtMs()).map(([cache, atMs]) => [
        cache,
        Math.min(nowMs - atMs, 86_400_000),
      ]),
    );
  }

  /** What has stood still for several resyncs; undefined while all is well. Ask once the watches are synced. */
  standstill(): string | undefined {
    const { clock, policy } = this.#around;
    const watches = Object.entries(this.watches.activeAtMs()).map(([name, progressMonoMs]) => ({
      name: `the watch of ${name}`,
      progressMonoMs,
    }));
    const reconciles = { name: 'reconciles', progressMonoMs: this.#loop.progressMonoMs };
    const limitMs = Math.max(LEAST_STANDSTILL_MS, STANDSTILL_RESYNCS * policy.resyncMs);
    // Without nodes there is nothing to reconcile.
    const work = this.#world.names().length > 0 ? [...watches, reconciles] : watches;
    return standstill(work, clock.now().monoMs, limitMs);
  }

  /** Looks at a node's kubelet anew, for the other healer. */
  async view(node: string): Promise<NodeViewAnswer> {
    const { policy, clock } = this.#around;
    const known = this.#world.node(node);
    const at = known === undefined ? undefined : kubeletAddress(known);
    if (at === undefined) return { node, says: 'unknown' };
    const ask = () => this.#asker.ask(at.address, at.port, true);
    return { node, says: await freshView(ask, policy.kubeletFailures, policy.burstProbeEveryMs, clock) };
  }

  /** Works until the signal aborts. Call it when the watches are synced. */
  async run(signal: AbortSignal): Promise<void> {
    const { leadership, clock } = this.#around;
    const everyMs = (): number =>
      leadership.stillLeading() ? LEADER_MACHINES_EVERY_MS : STANDBY_MACHINES_EVERY_MS;
    try {
      await Promise.all([
        this.#loop.run(signal),
        this.#board?.run(everyMs, signal),
        every(clock, SUSPENSION_LOOK_MS, signal, () => this.#lookForSuspension()),
        every(clock, LEDGER_LOOK_MS, signal, () => this.#closeAbandoned(signal)),
      ]);
    } finally {
      this.#kubelets.stop();
      this.#asker.close();
    }
  }

  #apiAgeMs(): number {
    const { nodes, leases } = this.watches.freshAtMs();
    return this.#around.clock.now().monoMs - Math.max(nodes, leases);
  }

  #lookAtAll(): void {
    for (const name of this.#world.names()) this.#loop.add(name);
  }

  #lookAtNodeAndReplaced(name: string): void {
    this.#loop.add(name);
    const replaced = this.#world.replacedBy(name);
    if (replaced !== undefined) this.#loop.add(replaced);
  }

  #lookForSuspension(): void {
    if (!this.#around.leadership.stillLeading() && !this.suspended) return;
    this.#suspension.see({ ...this.#world.signsOfPartition(), apiAgeMs: this.#apiAgeMs() });
  }

  #closeAbandoned(signal: AbortSignal): void {
    if (!this.#around.leadership.stillLeading()) return;
    this.#controller.closeAbandoned(signal).catch((error: unknown) => {
      if (signal.aborted) return;
      this.#around.audit.record({
        event: 'refused',
        subject: 'ledger',
        detail: messageOf(error),
        rule: 'ledger',
      });
    });
  }
}

async function every(clock: Clock, periodMs: number, signal: AbortSignal, look: () => void): Promise<void> {
  while (!signal.aborted) {
    look();
    await clock.sleep(periodMs, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}
