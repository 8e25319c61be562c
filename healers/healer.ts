import { readFileSync } from 'node:fs';
import { systemClock } from '../harness/core/clock.ts';
import type { Clock } from '../harness/core/clock.ts';
import { FiredrillError, messageOf } from '../harness/core/errors.ts';
import { KubeClient } from '../infra/kube/client.ts';
import { LeaderElector } from '../infra/kube/lease.ts';
import { listWatch } from '../infra/kube/list-watch.ts';
import type { WatchChange } from '../infra/kube/list-watch.ts';
import type { KubeTarget } from '../infra/kube/target.ts';
import type { HealerConfig } from './config.ts';
import { HttpMachines } from './machines/http.ts';
import { NodeActor } from './node/act.ts';
import { kubeletAsker } from './node/ask-kubelet.ts';
import { NodeController } from './node/controller.ts';
import { podFails } from './node/direct-probe.ts';
import type { SelfFacts } from './node/facts.ts';
import { KubeletBoard } from './node/kubelet-board.ts';
import { MachineBoard } from './node/machine-board.ts';
import { kubeletAddress } from './node/observe.ts';
import { NodeRecorder } from './node/record.ts';
import { freshView, StandbyAsker } from './node/standby.ts';
import { Suspension } from './node/suspension.ts';
import { Treatments } from './node/treatments.ts';
import { NodeWorld } from './node/world.ts';
import { AuditFile } from './runtime/audit-file.ts';
import { EventQueue } from './runtime/event-queue.ts';
import { healerServer, listen } from './runtime/http-server.ts';
import { KubeApi } from './runtime/kube-api.ts';
import { HealerMetrics } from './runtime/metrics.ts';
import type { EndpointSliceObject, LeaseObject, NodeObject } from './runtime/objects.ts';
import { LEADER_LEASE } from './runtime/permissions.ts';
import { ReconcileLoop } from './runtime/reconcile-loop.ts';
import { systemTimers } from './runtime/work-queue.ts';

export const HEALER_LABEL = 'app.kubernetes.io/name=firedrill-healer';
const LEADER_MACHINES_EVERY_MS = 1000;
const STANDBY_MACHINES_EVERY_MS = 5000;
const SUSPENSION_LOOK_MS = 250;

/** Where and as whom a healer process runs. */
export interface HealerSetting {
  readonly target: KubeTarget;
  readonly namespace: string;
  readonly pod: string;
  readonly podUid: string;
  /** Where to listen; every address when absent. */
  readonly host?: string;
}

/** Runs one healer replica until the signal aborts, then gives up its lease. */
export async function runHealer(
  setting: HealerSetting,
  config: HealerConfig,
  stopping: AbortSignal,
  clock: Clock = systemClock,
): Promise<void> {
  const broken = new AbortController();
  const signal = AbortSignal.any([stopping, broken.signal]);
  const policy = config.node;
  const { pod, namespace } = setting;
  const kube = new KubeClient(setting.target, { userAgent: `firedrill-healer/${pod}` });
  const electionKube = new KubeClient(setting.target, { userAgent: `firedrill-healer/${pod} election` });
  const api = new KubeApi(kube, namespace, pod);
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const audit = new AuditFile({ path: config.auditPath, clock, pod, bootId });
  const machines = config.machines === undefined ? undefined : new HttpMachines(config.machines);

  const asker = kubeletAsker(policy.kubeletTimeoutMs, clock);
  const touch = (node: string): void => {
    loop.add(node);
  };
  const kubelets = new KubeletBoard({
    clock,
    timers: systemTimers,
    ask: asker.ask,
    onChange: touch,
    random: Math.random,
  });
  const treatments = new Treatments(clock);
  let machineProblem: string | undefined;
  const board =
    machines === undefined
      ? undefined
      : new MachineBoard({
          machines,
          clock,
          onChange: touch,
          onProblem: (problem) => {
            metrics.machineInterface(problem === undefined);
            if (problem !== machineProblem && problem !== undefined) {
              audit.record({
                event: 'refused',
                subject: 'machines',
                detail: problem,
                rule: 'machine-interface',
              });
            }
            machineProblem = problem;
          },
        });
  const standby = new StandbyAsker({
    clock,
    ownPod: pod,
    port: config.port,
    timeoutMs: policy.kubeletTimeoutMs + 2 * policy.burstProbeEveryMs + 600,
    pods: (askSignal) => api.listOwnPods(HEALER_LABEL, askSignal),
    onAnswer: touch,
    signal,
  });
  const world = new NodeWorld({
    clock,
    policy,
    kubelets,
    machine: (node) => board?.view(node),
    standby: (node) => standby.view(node),
    treatments,
  });

  const nodes = listWatch(kube, { apiVersion: 'v1', kind: 'Node' } as const, {
    onChange: (change) => {
      const node = objectOf(change) as NodeObject | undefined;
      if (node === undefined) return;
      if (change.type === 'deleted') {
        world.seeNodeDeleted(node);
        recorder.gone(node.metadata.uid, node.metadata.name);
      } else world.seeNode(node);
      touch(node.metadata.name);
      const replaced = world.replacedBy(node.metadata.name);
      if (replaced !== undefined) touch(replaced);
    },
  });
  const leases = listWatch(
    kube,
    { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: 'kube-node-lease' } as const,
    {
      probeIntervalMs: 1000,
      onChange: (change) => {
        const lease = objectOf(change) as LeaseObject | undefined;
        if (lease === undefined || change.type === 'deleted') return;
        const overdue = (world.leases.ageMs(lease.metadata.name) ?? 0) > policy.leaseOverdueMs;
        if (world.seeLease(lease) && overdue) touch(lease.metadata.name);
      },
    },
  );
  const slices = listWatch(kube, { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' } as const, {
    transform: (slice) => slice as EndpointSliceObject,
    onChange: (change) => {
      if (change.type !== 'modified') return;
      // An endpoint that stopped being ready is a hint: its node's kubelet is asked at once.
      for (const node of nodesThatLostEndpoints(change.previous, change.object)) {
        kubelets.pace(node, policy.suspectProbeEveryMs);
        loop.addAfter(node, policy.suspectProbeEveryMs);
      }
    },
  });

  const apiAgeMs = (): number => clock.now().monoMs - Math.max(leases.lastFreshMonoMs, nodes.lastFreshMonoMs);
  const self = (): SelfFacts => ({
    leading: elector.stillLeading(),
    apiAgeMs: apiAgeMs(),
    machineInterface: machines !== undefined,
    wallMs: clock.now().wallMs,
    ...(config.paused === undefined ? {} : { paused: config.paused }),
  });
  const metrics: HealerMetrics = new HealerMetrics({
    leader: () => elector.stillLeading(),
    unhealthy: () => recorder.open,
    queueDepth: () => loop.depth,
    cacheAgeMs: () => ({ nodes: ageOf(nodes), leases: ageOf(leases), endpointslices: ageOf(slices) }),
    suspended: () => suspension.reason !== undefined,
    outboxDepth: () => 0,
  });
  const ageOf = (cache: { readonly lastFreshMonoMs: number }): number =>
    Math.min(clock.now().monoMs - cache.lastFreshMonoMs, 86_400_000);
  const events = new EventQueue(api, signal, () => {
    metrics.eventLost();
  });
  const recorder: NodeRecorder = new NodeRecorder(
    audit,
    clock,
    {
      event: (node, type, reason, action, message) => {
        const regarding = { apiVersion: 'v1', kind: 'Node', name: node.name, uid: node.uid };
        events.push({ type, reason, action, message, regarding });
      },
      notify: () => undefined,
      measure: metrics,
    },
    policy.mode === 'observe',
  );
  const suspension = new Suspension({
    clock,
    audit,
    apiFreshMs: policy.apiFreshMs,
    goodForMs: policy.aliveForMs,
    onChange: () => {
      for (const name of world.names()) touch(name);
    },
  });
  const actor = new NodeActor({
    api,
    machines,
    board,
    treatments,
    clock,
    stillLeading: () => elector.stillLeading(),
    onWritten: (node) => {
      world.seeNode(node);
    },
  });
  const controller = new NodeController({
    api,
    world,
    actor,
    recorder,
    suspension,
    treatments,
    kubelets,
    policy,
    clock,
    ownNamespace: namespace,
    self,
    askStandby: (node) => {
      standby.ask(node);
    },
    podFails: (each, probeSignal) => podFails(each, policy.kubeletTimeoutMs, probeSignal),
  });
  const loop = new ReconcileLoop({
    reconcile: controller.reconcile,
    clock,
    workers: 8,
    onError: () => {
      metrics.reconcileError();
    },
  });
  const elector: LeaderElector = new LeaderElector(electionKube, {
    namespace,
    name: LEADER_LEASE,
    identity: `${pod}_${setting.podUid}`,
    onStartedLeading: (term) => {
      audit.record({ event: 'leader', subject: 'healer', detail: `${pod} leads, term ${term.transitions}` });
      recorder.reset();
      board?.soon();
      for (const name of world.names()) touch(name);
      controller.closeGone(term.signal).catch((error: unknown) => {
        if (!term.signal.aborted)
          audit.record({ event: 'refused', subject: 'ledger', detail: messageOf(error) });
      });
    },
    onStoppedLeading: (reason) => {
      audit.record({ event: 'leader', subject: 'healer', detail: `${pod} no longer leads: ${reason}` });
    },
  });

  const server = healerServer({
    port: config.port,
    audit,
    metrics: async () => ({
      contentType: metrics.registry.contentType,
      text: await metrics.registry.metrics(),
    }),
    live: () => (signal.aborted ? 'stopping' : undefined),
    ready: () => (synced ? undefined : 'the caches are not filled yet'),
    started: () => (synced ? undefined : 'the caches are not filled yet'),
    view: async (node) => {
      const known = world.node(node);
      const at = known === undefined ? undefined : kubeletAddress(known);
      if (at === undefined) return { node, says: 'unknown' };
      const ask = () => asker.ask(at.address, at.port);
      return { node, says: await freshView(ask, policy.kubeletFailures, policy.burstProbeEveryMs, clock) };
    },
  });
  let synced = false;
  await listen(server, config.port, setting.host);

  const parts: Promise<void>[] = [nodes.start(signal), leases.start(signal), slices.start(signal)];
  try {
    await Promise.all([nodes.synced, leases.synced]);
    synced = true;
    parts.push(loop.run(signal), elector.run(signal), watchSuspension());
    if (board !== undefined) {
      parts.push(
        board.run(
          () => (elector.stillLeading() ? LEADER_MACHINES_EVERY_MS : STANDBY_MACHINES_EVERY_MS),
          signal,
        ),
      );
    }
    await Promise.all(parts);
  } catch (error) {
    if (!stopping.aborted) throw new FiredrillError('healer.stopped', messageOf(error), { cause: error });
  } finally {
    broken.abort();
    await Promise.allSettled(parts);
    kubelets.stop();
    asker.close();
    machines?.close();
    server.closeAllConnections();
    server.close();
    kube.close();
    electionKube.close();
    audit.close();
  }

  async function watchSuspension(): Promise<void> {
    while (!signal.aborted) {
      if (elector.stillLeading() || suspension.reason !== undefined) {
        const ages = world.names().flatMap((name) => world.leases.ageMs(name) ?? []);
        const staleLeases = ages.filter((ageMs) => ageMs > policy.leaseOverdueMs).length;
        suspension.see({ leases: ages.length, staleLeases, apiAgeMs: apiAgeMs() });
      }
      await clock.sleep(SUSPENSION_LOOK_MS, signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
  }
}

function objectOf(change: WatchChange<unknown>): unknown {
  return 'object' in change ? change.object : undefined;
}

/** Nodes that have fewer ready endpoints now than before. */
export function nodesThatLostEndpoints(
  before: EndpointSliceObject,
  after: EndpointSliceObject,
): readonly string[] {
  const ready = (slice: EndpointSliceObject): Map<string, number> => {
    const counts = new Map<string, number>();
    for (const { nodeName, conditions } of slice.endpoints ?? []) {
      if (nodeName !== undefined && conditions?.ready !== false)
        counts.set(nodeName, (counts.get(nodeName) ?? 0) + 1);
    }
    return counts;
  };
  const now = ready(after);
  return [...ready(before)].filter(([node, count]) => (now.get(node) ?? 0) < count).map(([node]) => node);
}
