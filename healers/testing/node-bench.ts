import type { Clock } from '../../harness/core/clock.ts';
import { messageOf } from '../../harness/core/errors.ts';
import type { MachinePowerState } from '../../infra/machines/protocol.ts';
import { NodeActor } from '../node/act.ts';
import { NodeController } from '../node/controller.ts';
import type { SelfFacts } from '../safety/guards.ts';
import { KubeletBoard } from '../node/kubelet-board.ts';
import { MachineBoard } from '../node/machine-board.ts';
import { DEFAULT_NODE_POLICY } from '../policy/node-policy.ts';
import type { NodePolicy } from '../policy/node-policy.ts';
import { Suspension } from '../safety/suspension.ts';
import { Remediations } from '../incident/remediations.ts';
import { NodeWorld } from '../node/world.ts';
import type { NodeObject } from '../cluster/objects.ts';
import { ObserveOnlyApi, ObserveOnlyMachines } from '../safety/observe-only.ts';
import { ReconcileLoop } from '../runtime/reconcile-loop.ts';
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
  readonly spec?: NodeObject['spec'];
  readonly ready?: string;
  /** Created now; absent: long ago. */
  readonly created?: 'now';
  readonly lease?: 'none';
  readonly machine?: MachinePowerState | 'absent';
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
  readonly world: NodeWorld;
  readonly loop: ReconcileLoop;
  /** Nodes whose kubelet answers nobody and renews no lease. */
  readonly silent = new Set<string>();
  /** Nodes whose kubelet answers and does not reach the API server. */
  readonly cutOff = new Set<string>();
  leading = true;
  /** How far the healer's wall clock is ahead. */
  wallAheadMs = 0;
  reconciles = 0;
  readonly #policy: NodePolicy;

  constructor(options: NodeBenchOptions = {}) {
    const policy = (this.#policy = { ...DEFAULT_NODE_POLICY, ...options.policy });
    const { records, clock: timers } = this;
    const clock = this.#healerClock();
    const onChange = (node: string): void => {
      this.loop.add(node);
    };
    let shown = (node: NodeObject): NodeObject => node;
    this.server = new MemoryServer({
      seen: (node) => {
        this.world.seeNode(shown(node));
        onChange(node.metadata.name);
        const replaced = this.world.replacedBy(node.metadata.name);
        if (replaced !== undefined) onChange(replaced);
      },
      deleted: (node) => {
        this.world.seeNodeDeleted(node);
        this.remediations.gone({ kind: 'Node', ...node.metadata });
        onChange(node.metadata.name);
      },
    });
    let api = apiOf(this.server, records.carry);
    let machines = interfaceOf(this.machines, records.carry);
    if (policy.mode === 'observe') {
      const observing = new ObserveOnlyApi(api);
      shown = (node) => observing.show(node);
      api = observing;
      machines = new ObserveOnlyMachines(machines);
    }
    const hasMachines = options.machineInterface ?? true;
    const board = new MachineBoard({ machines, clock, onChange, onProblem: () => undefined });
    const kubelets = new KubeletBoard({
      clock,
      timers,
      random: () => 0.01,
      onChange,
      ask: async (node) => {
        const silent = this.silent.has(node);
        await timers.sleep(silent ? policy.kubeletTimeoutMs : ANSWER_MS);
        return silent ? 'silent' : 'answered';
      },
    });
    const { audit, reporter } = records;
    const remediations = new Remediations(audit, clock, reporter, policy.mode === 'observe');
    this.remediations = remediations;
    const world = (this.world = new NodeWorld({
      clock,
      policy,
      kubelets,
      machine: (node) => (hasMachines ? board.view(node) : undefined),
      standby: () => ({ says: 'silent', ageMs: 0 }),
      remediations,
    }));
    const suspension = new Suspension({
      clock,
      audit,
      apiFreshMs: policy.apiFreshMs,
      goodForMs: policy.aliveForMs,
      onChange: () => undefined,
    });
    const self = (): SelfFacts => ({
      leading: this.leading,
      apiAgeMs: API_AGE_MS,
      machineInterface: hasMachines,
      wallMs: clock.now().wallMs,
    });
    const controller = new NodeController({
      api,
      world,
      actor: new NodeActor({
        api,
        machines: hasMachines ? machines : undefined,
        board: hasMachines ? board : undefined,
        remediations,
        clock,
        stillLeading: () => this.leading,
        onWritten: (node) => world.seeNode(node),
        onLedger: (ledger) => world.seeLedger(ledger),
      }),
      suspension,
      remediations,
      kubelets,
      policy,
      clock,
      ownNamespace: 'firedrill-system',
      self,
      askStandby: () => undefined,
      podFails: () => Promise.resolve(false),
    });
    this.loop = new ReconcileLoop({
      reconcile: async (node, signal) => {
        this.reconciles++;
        return await controller.reconcile(node, signal);
      },
      clock,
      timers,
      workers: 8,
      retry: { firstMs: 50, maxMs: 1000 },
      onError: (node, error) => remediations.broke('Node', node, messageOf(error)),
    });
    // Whoever stops stepping the clock has ended them.
    const never = new AbortController().signal;
    void this.loop.run(never);
    void board.run(() => MACHINES_EVERY_MS, never);
    this.every(PULSE_MS, () => suspension.see({ ...world.signsOfPartition(), apiAgeMs: API_AGE_MS }));
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
        creationTimestamp: created.toISOString(),
      },
      spec: more.spec ?? {},
      status: {
        conditions: [{ type: 'Ready', status: more.ready ?? 'True' }],
        addresses: [{ type: 'InternalIP', address: name }],
      },
    });
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
      const overdue = (this.world.leases.ageMs(name) ?? 0) > this.#policy.leaseOverdueMs;
      if (this.world.seeLease(lease) && overdue) this.loop.add(name);
    }
  }
}
