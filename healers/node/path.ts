import { pause, type Clock } from '../../harness/core/clock.ts';
import { messageOf } from '../../harness/core/errors.ts';
import type { KubeClient } from '../../infra/kube/client.ts';
import type { MachineInterface } from '../../infra/machines/protocol.ts';
import { clusterApi } from '../cluster/cluster-api.ts';
import { listHealerPods } from '../cluster/pods.ts';
import { standstill } from '../runtime/liveness.ts';
import type { Leadership } from '../runtime/leadership.ts';
import type { HealerMetrics } from '../runtime/metrics.ts';
import type { UnfailingAudit } from '../safety/unfailing-audit.ts';
import { systemTimers } from '../runtime/work-queue.ts';
import { kubeletAsker } from './ask-kubelet.ts';
import { podFails } from './direct-probe.ts';
import { MachineTrouble } from './machine-trouble.ts';
import type { NodePolicy } from '../policy/node-policy.ts';
import { NodePipeline } from './pipeline.ts';
import { standbySays, StandbyViews } from './standby.ts';
import { NodeWitnesses } from './node-witnesses.ts';
import type { Reporter } from '../incident/report.ts';
import { WitnessClient } from '../witness/client.ts';
import { Witnesses } from './witnesses.ts';
import { nodeWatches, type NodeWatches } from '../cluster/watches.ts';

const LEADER_MACHINES_EVERY_MS = 1000;
const STANDBY_MACHINES_EVERY_MS = 5000;
const SUSPENSION_LOOK_MS = 250;
const SECOND_PORT_LOOK_MS = 5000;
/** Beyond the time that a witness was told to look for. */
const ANSWER_WITHIN_MS = 600;
const LEDGER_LOOK_MS = 30_000;
const WORKERS = 8;
/** A quiet watch is opened anew after 150 s: what stands still for less is no evidence. */
const LEAST_STANDSTILL_MS = 180_000;
const STANDSTILL_RESYNCS = 6;

/** What the node path takes from the process around it. */
interface NodePathDependencies {
  readonly kube: KubeClient;
  readonly machines: MachineInterface | undefined;
  readonly leadership: Pick<Leadership, 'stillLeading' | 'onTerm'>;
  readonly audit: UnfailingAudit;
  readonly metrics: HealerMetrics;
  readonly notify: Reporter['notify'];
  readonly event: Reporter['event'];
  readonly policy: NodePolicy;
  /** Why nothing may be done; asked before every call that changes something. */
  readonly paused: () => string | undefined;
  readonly namespace: string;
  readonly pod: string;
  /** Where the other healer serves its view. */
  readonly port: number;
  readonly token: string;
  readonly clock: Clock;
}

/** The node path in a process: watches, prober and poller feed its pipeline, which only works while this process leads. */
export class NodePath {
  readonly watches: NodeWatches;
  readonly #dependencies: NodePathDependencies;
  readonly #asker: ReturnType<typeof kubeletAsker>;
  readonly #pipeline: NodePipeline;
  readonly #asked: NodeWitnesses;

  constructor(dependencies: NodePathDependencies, signal: AbortSignal) {
    this.#dependencies = dependencies;
    const { policy, clock, audit, metrics, leadership, kube, namespace } = dependencies;
    this.#asker = kubeletAsker(policy.kubeletTimeoutMs, clock);
    const trouble = new MachineTrouble(dependencies);
    const onAnswer = (node: string): void => this.#pipeline.loop.add(node);
    const asked = new NodeWitnesses({
      policy,
      clock,
      signal,
      client: new WitnessClient({
        ownPod: dependencies.pod,
        port: dependencies.port,
        token: dependencies.token,
        graceMs: ANSWER_WITHIN_MS,
        pods: async (askSignal) => await listHealerPods(kube, namespace, askSignal),
        signal,
      }),
      observed: () => this.#pipeline.observed,
      heard: (node) => this.#pipeline.kubelets.heard(node),
    });
    this.#asked = asked;
    const standby = new StandbyViews({
      ...{ clock, signal, onAnswer },
      ask: async (node) => standbySays(await asked.briefly(node)),
    });
    const witnesses = new Witnesses({
      ...{ clock, signal, onAnswer },
      atOnce: policy.maximumUnhealthy,
      look: async (node) => await asked.look(node),
    });
    const pipeline = (this.#pipeline = new NodePipeline({
      clock,
      timers: systemTimers,
      random: Math.random,
      policy,
      audit,
      reporter: { event: dependencies.event, notify: dependencies.notify, measure: metrics },
      api: clusterApi(kube, namespace),
      machines: dependencies.machines,
      askKubelet: this.#asker.ask,
      standbyView: (node) => standby.view(node),
      askStandby: (node) => standby.ask(node),
      witnessView: (node) => witnesses.view(node),
      askWitnesses: (node) => witnesses.ask(node),
      stillLeading: () => leadership.stillLeading(),
      apiAgeMs: () => this.#apiAgeMs(),
      paused: dependencies.paused,
      podFails: async (pod, probeSignal) => await podFails(pod, policy.kubeletTimeoutMs, probeSignal),
      ownNamespace: namespace,
      workers: WORKERS,
      onMachineProblem: (problem) => trouble.see(problem),
      onSuspension: (reason) => {
        if (reason !== undefined)
          dependencies.notify('suspended', 'critical', `healing is suspended: ${reason}`);
        else dependencies.notify('suspended', 'resolved', 'healing goes on');
        this.lookAtAll();
      },
      onError: (node, error) => {
        metrics.reconcileError();
        this.#pipeline.remediations.errors.broke('Node', node, messageOf(error));
      },
    }));
    this.watches = nodeWatches(kube, {
      node: (node) => pipeline.seeNode(node),
      nodeDeleted: (node) => pipeline.seeNodeDeleted(node),
      lease: (lease) => pipeline.seeLease(lease),
      endpointsLost: (node) => pipeline.kubelets.pace(node, policy.suspectProbeEveryMs, true),
    });
    leadership.onTerm((term) => {
      pipeline.remediations.reset();
      pipeline.machinePoller?.soon();
      // Before anything is done: who did not lead has not looked for a while.
      pipeline.lookForSuspension();
      pipeline.lookAtAll();
      this.#keepLedger(term.signal);
    });
  }

  get unhealthy(): number {
    return this.#pipeline.remediations.open;
  }
  get queueDepth(): number {
    return this.#pipeline.loop.depth;
  }
  get suspended(): boolean {
    return this.#pipeline.suspension.reason !== undefined;
  }

  lookAtAll(): void {
    this.#pipeline.lookAtAll();
  }

  cacheAgesMs(): Readonly<Record<string, number>> {
    const nowMs = this.#dependencies.clock.now().monoMs;
    return Object.fromEntries(
      Object.entries(this.watches.freshAtMs()).map(([cache, atMs]) => [
        cache,
        Math.min(nowMs - atMs, 86_400_000),
      ]),
    );
  }

  /** What has stood still for several resyncs; undefined while all is well. Ask once the watches are synced. */
  standstill(): string | undefined {
    const { clock, policy } = this.#dependencies;
    const watches = Object.entries(this.watches.activeAtMs()).map(([name, progressMonoMs]) => ({
      name: `the watch of ${name}`,
      progressMonoMs,
    }));
    const reconciles = { name: 'reconciles', progressMonoMs: this.#pipeline.loop.progressMonoMs };
    const limitMs = Math.max(LEAST_STANDSTILL_MS, STANDSTILL_RESYNCS * policy.resyncMs);
    // Without nodes there is nothing to reconcile.
    const work = this.#pipeline.observed.names().length > 0 ? [...watches, reconciles] : watches;
    return standstill(work, clock.now().monoMs, limitMs);
  }

  /** Works until the signal aborts. Call it when the watches are synced. */
  async run(signal: AbortSignal): Promise<void> {
    const { leadership, clock } = this.#dependencies;
    const everyMs = (): number =>
      leadership.stillLeading() ? LEADER_MACHINES_EVERY_MS : STANDBY_MACHINES_EVERY_MS;
    try {
      await Promise.all([
        this.#pipeline.loop.run(signal),
        this.#pipeline.machinePoller?.run(everyMs, signal),
        every(clock, SECOND_PORT_LOOK_MS, signal, () => this.#asked.seeSecondPorts()),
        every(clock, SUSPENSION_LOOK_MS, signal, () => this.#lookForSuspension()),
        every(clock, LEDGER_LOOK_MS, signal, () => this.#keepLedger(signal)),
      ]);
    } finally {
      this.#pipeline.kubelets.stop();
      this.#asker.close();
    }
  }

  #apiAgeMs(): number {
    const { nodes, leases } = this.watches.freshAtMs();
    return this.#dependencies.clock.now().monoMs - Math.max(nodes, leases);
  }

  #lookForSuspension(): void {
    const { leadership, audit } = this.#dependencies;
    if (!leadership.stillLeading() && !this.suspended && audit.problem === undefined) return;
    this.#pipeline.lookForSuspension();
  }

  #keepLedger(signal: AbortSignal): void {
    this.#pipeline.controller.keepLedger(signal).catch((error: unknown) => {
      if (signal.aborted) return;
      this.#dependencies.audit.record({
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
    await pause(clock, periodMs, signal);
  }
}
