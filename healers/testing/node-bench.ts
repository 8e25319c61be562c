import type { Clock } from '../../harness/core/clock.ts';
import { messageOf } from '../../harness/core/errors.ts';
import { given } from '../../harness/core/given.ts';
import type { MachinePowerState } from '../../infra/machines/protocol.ts';
import { DEFAULT_NODE_POLICY, type NodePolicy } from '../policy/node-policy.ts';
import type { Remediations } from '../incident/remediations.ts';
import { NodePipeline } from '../node/pipeline.ts';
import type { ObservedNodes } from '../node/observed-nodes.ts';
import type { NodeObject } from '../cluster/objects.ts';
import { UnfailingAudit } from '../safety/unfailing-audit.ts';
import { HealerRecords } from './healer-records.ts';
import { interfaceOf, MemoryMachines } from './memory-machines.ts';
import { apiOf, MemoryServer } from './memory-server.ts';
import { SimClock } from './simulation/sim-clock.ts';

interface NodeBenchOptions {
  readonly policy?: Partial<NodePolicy>;
  readonly machineInterface?: boolean;
  /** How often a kubelet renews its lease: a quarter of the lease's duration. */
  readonly leaseRenewalMs?: number;
}

/** What a node of the bench has that others have not. */
interface BenchNode {
  readonly zone?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: NodeObject['spec'];
  readonly ready?: string;
  /** Created now; absent: long ago. */
  readonly created?: 'now';
  readonly lease?: 'none';
  readonly machine?: MachinePowerState | 'absent';
  readonly systemUuid?: string;
}

const ANSWER_MS = 2;
const MACHINES_EVERY_MS = 1000;
const PULSE_MS = 500;
const API_AGE_MS = 100;

/**
 * The real node path on a stepped clock, between an API server in memory, machines that say what a test wants, and
 * kubelets that answer unless they are `silent`. The other healer hears what this one hears.
 */
export class NodeBench {
  readonly clock = new SimClock();
  readonly records = new HealerRecords(this.clock);
  readonly machines = new MemoryMachines(() => this.clock.now().wallMs);
  readonly server: MemoryServer;
  readonly remediations: Remediations;
  readonly observed: ObservedNodes;
  /** Nodes whose kubelet answers nobody and renews no lease. */
  readonly silent = new Set<string>();
  /** Nodes whose kubelet answers and does not reach the API server. */
  readonly cutOff = new Set<string>();
  leading = true;
  paused: string | undefined;
  /** How far the healer's wall clock is ahead. */
  wallAheadMs = 0;
  reconciles = 0;
  readonly #pipeline: NodePipeline;

  constructor(options: NodeBenchOptions = {}) {
    const policy: NodePolicy = { ...DEFAULT_NODE_POLICY, mode: 'act', ...options.policy };
    const { records, clock: timers } = this;
    const clock = this.#healerClock();
    this.server = new MemoryServer({
      seen: (node) => this.#pipeline.seeNode(node),
      deleted: (node) => this.#pipeline.seeNodeDeleted(node),
    });
    const machineInterface = options.machineInterface ?? true;
    const pipeline = (this.#pipeline = new NodePipeline({
      clock,
      timers,
      random: () => 0.01,
      policy,
      audit: new UnfailingAudit({
        file: records.audit,
        clock,
        ...records.reporter,
        regarding: { apiVersion: 'v1', kind: 'Namespace', name: 'firedrill-system', uid: '' },
      }),
      reporter: records.reporter,
      api: apiOf(this.server, records.carry),
      machines: machineInterface ? interfaceOf(this.machines, records.carry) : undefined,
      askKubelet: async (node) => {
        const silent = this.silent.has(node);
        await timers.sleep(silent ? policy.kubeletTimeoutMs : ANSWER_MS);
        return silent ? 'silent' : 'answered';
      },
      standbyView: () => ({ says: 'silent', ageMs: 0 }),
      askStandby: () => undefined,
      // On the bench there is nobody besides: the lease decides.
      witnessView: () => undefined,
      askWitnesses: () => undefined,
      stillLeading: () => this.leading,
      paused: () => this.paused,
      apiAgeMs: () => API_AGE_MS,
      podFails: () => Promise.resolve(false),
      ownNamespace: 'firedrill-system',
      workers: 8,
      onError: (node, error) => this.remediations.errors.broke('Node', node, messageOf(error)),
    }));
    this.observed = pipeline.observed;
    this.remediations = pipeline.remediations;
    const { reconcile } = pipeline.controller;
    pipeline.controller.reconcile = async (node, signal) => {
      this.reconciles++;
      return await reconcile(node, signal);
    };
    // Whoever stops stepping the clock has ended them.
    const never = new AbortController().signal;
    void pipeline.loop.run(never);
    void pipeline.machinePoller?.run(() => MACHINES_EVERY_MS, never);
    this.every(PULSE_MS, () => pipeline.lookForSuspension());
    const renewalMs = options.leaseRenewalMs ?? 10_000;
    this.every(renewalMs, () => this.#renewLeases((4 * renewalMs) / 1000));
  }

  async until(seconds: number): Promise<void> {
    await this.clock.runUntil(seconds * 1000);
  }

  /** Does it now and then again and again. */
  every(intervalMs: number, what: () => void): void {
    what();
    this.clock.after(intervalMs, () => this.every(intervalMs, what));
  }

  /** Adds n1, n2 and so on, and lets twenty seconds pass, in which the healer comes to know them. */
  async calm(nodes: number, more: (name: string, number: number) => BenchNode = () => ({})): Promise<void> {
    for (let number = 1; number <= nodes; number++) this.addNode(`n${number}`, more(`n${number}`, number));
    await this.until(20);
  }

  addNode(name: string, more: BenchNode = {}): void {
    const metadata = { name, uid: `${name}-uid`, resourceVersion: '1' };
    if (more.machine !== 'absent') this.machines.states.set(name, more.machine ?? 'on');
    if (more.lease !== 'none') this.server.leases.set(name, { metadata });
    const created = more.created === 'now' ? new Date(this.clock.now().wallMs) : new Date(0);
    this.server.putNode({
      metadata: {
        ...metadata,
        labels: { 'topology.kubernetes.io/zone': more.zone ?? `zone-of-${name}`, ...more.labels },
        ...given({ annotations: more.annotations }),
        creationTimestamp: created.toISOString(),
      },
      spec: more.spec ?? {},
      status: {
        conditions: [{ type: 'Ready', status: more.ready ?? 'True' }],
        addresses: [{ type: 'InternalIP', address: name }],
        ...given({ nodeInfo: more.systemUuid === undefined ? undefined : { systemUUID: more.systemUuid } }),
      },
    });
  }

  /** The look at the ledger that a healer takes now and then. */
  async keepLedger(): Promise<void> {
    const kept = this.#pipeline.controller.keepLedger(new AbortController().signal);
    await this.clock.runUntil(this.clock.now().monoMs + 1000);
    await kept;
  }

  /** The machine goes off, and the interface knows. */
  losePower(name: string): void {
    this.machines.states.set(name, 'off');
    this.silent.add(name);
  }

  regainPower(name: string): void {
    this.machines.states.set(name, 'on');
    this.silent.delete(name);
  }

  #healerClock(): Clock {
    return {
      now: () => {
        const { monoMs, wallMs } = this.clock.now();
        return { monoMs, wallMs: wallMs + this.wallAheadMs };
      },
      sleep: async (durationMs, signal) => {
        await this.clock.sleep(durationMs, signal);
      },
    };
  }

  #renewLeases(leaseDurationSeconds: number): void {
    for (const [name, { metadata }] of this.server.leases) {
      if (this.silent.has(name) || this.cutOff.has(name)) continue;
      const lease = { metadata, spec: { renewTime: String(this.clock.now().monoMs), leaseDurationSeconds } };
      this.server.leases.set(name, lease);
      this.#pipeline.seeLease(lease);
    }
  }
}
