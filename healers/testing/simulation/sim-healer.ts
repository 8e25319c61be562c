import type { Testimony } from '../../node/facts.ts';
import type { Clock } from '../../../harness/core/clock.ts';
import { messageOf } from '../../../harness/core/errors.ts';
import { GUARDS } from '../../node/guards.ts';
import type { NodePolicy } from '../../policy/node-policy.ts';
import { standbySays, StandbyViews } from '../../node/standby.ts';
import { testimonyOf, Witnesses } from '../../node/witnesses.ts';
import { NodePipeline } from '../../node/pipeline.ts';
import type { ObservedNodes } from '../../node/observed-nodes.ts';
import type { ClusterApi } from '../../cluster/cluster-api.ts';
import { seal } from '../../runtime/audit-chain.ts';
import type { Reporter } from '../../incident/report.ts';
import type { Audit } from '../../runtime/audit-file.ts';
import type { MachineInterface } from '../../../infra/machines/protocol.ts';
import type { NodeChange, SimCluster } from './sim-cluster.ts';
import { SimApi } from './sim-api.ts';
import type { SimLine } from './sim-line.ts';
import { SimMachineDoor } from './sim-machine-door.ts';
import type { SimElection } from './sim-election.ts';
import type { SimReferee } from './sim-referee.ts';
import { keepVigil } from '../../witness/vigil.ts';
import type { CastVote } from '../../witness/client.ts';
import { UnfailingAudit } from '../../safety/unfailing-audit.ts';

const RELIST_MS = 7000;
const PROBE_TIMEOUT_MS = 500;
const LEDGER_LOOK_MS = 30_000;
const BRIEF_MS = 900;
const NOTHING = { apiVersion: 'v1', kind: 'Namespace', name: '', uid: '' };
const HOUR_MS = 3_600_000;

/** Ways to break the healer on purpose: a test shows that the referee notices. */
export interface Sabotage {
  api?: (api: ClusterApi, cluster: SimCluster) => ClusterApi;
  machines?: (machines: MachineInterface) => MachineInterface;
  policy?: Partial<NodePolicy>;
  /** Believes to lead once it has led. */
  leadsForEver?: boolean;
  /** Acts on its own silence alone. */
  deafToOthers?: boolean;
  /** Takes the machine interface's `off` for the silence of the kubelet. */
  believesMachines?: boolean;
  blindToSuspension?: boolean;
  /** Is told of no node in which zone it is. */
  blindToZones?: boolean;
  withoutGuards?: readonly string[];
  /** Does not hear of the pause of all healing. */
  ignoresPause?: boolean;
  /** Acts whatever its owner's mode is. */
  ignoresMode?: boolean;
  reporter?: (reporter: Reporter) => Reporter;
}

interface SimHealerOptions {
  readonly name: string;
  readonly cluster: SimCluster;
  readonly referee: SimReferee;
  readonly election: SimElection;
  readonly policy: NodePolicy;
  /** Shares of watch events. */
  readonly events: { readonly dropped: number; readonly replayed: number };
  readonly sabotage: Sabotage;
  readonly others: () => readonly SimHealer[];
  readonly log: (line: string) => void;
  readonly onRefusal: () => void;
}

/** One healer process: the real node path behind simulated doors. Ending it loses all of its memory. */
export class SimHealer {
  readonly name: string;
  readonly line: SimLine;
  readonly observed: ObservedNodes;
  readonly #options: SimHealerOptions;
  readonly #end = new AbortController();
  readonly #pipeline: NodePipeline;
  readonly #startedMs: number;
  #lastApiMs: number;
  #ledOnce = false;
  #crashIn = Infinity;
  #wasLeading = false;

  constructor(options: SimHealerOptions) {
    const { cluster, referee, election, sabotage } = options;
    const owned = { ...options.policy, ...cluster.ownersPolicy };
    const policy = sabotage.ignoresMode === true ? options.policy : owned;
    const { clock } = cluster;
    this.#options = options;
    this.name = options.name;
    this.#startedMs = clock.now().monoMs;
    this.#lastApiMs = this.#startedMs;
    this.line = {
      healer: options.name,
      apiCut: false,
      machinesCut: false,
      diskFull: false,
      failures: 0,
      failureKinds: ['before', 'after'],
      watchLagMs: 0,
      observes: owned.mode === 'observe',
      paused: cluster.paused,
      signal: this.#end.signal,
      crashPoint: () => this.#crashPoint(),
      beforePatch: () => undefined,
      leading: () => election.holds(options.name),
    };
    const doors = new SimApi(cluster, this.line, referee);
    const api = sabotage.api?.(doors, cluster) ?? doors;
    const realMachines = new SimMachineDoor(cluster, this.line, referee);
    const machines = sabotage.machines?.(realMachines) ?? realMachines;
    const people = referee.messages.reporterOf(options.name);
    const reporter = sabotage.reporter?.(people) ?? people;
    const file: Audit = {
      record: (record) => {
        if (this.line.diskFull) throw new Error('no space left on device');
        if (record.event === 'refused') options.onRefusal();
        options.log(`${options.name} ${record.event} ${record.subject} ${record.detail}`);
        const place = { seq: 0, wallMs: 0, monoMs: 0, bootId: '', pod: '', prev: '' };
        return seal({ ...place, ...record }).line;
      },
    };
    // Each machine has a wall clock of its own, which may be wrong.
    const wallAheadMs = cluster.random.between(-HOUR_MS, HOUR_MS);
    const ownClock: Clock = {
      now: () => ({ ...clock.now(), wallMs: clock.now().wallMs + wallAheadMs }),
      sleep: async (durationMs, signal) => await clock.sleep(durationMs, signal),
    };
    const standby = new StandbyViews({
      clock,
      ask: async (node) => standbySays(await this.#askOthers(node)),
      onAnswer: (node) => this.#pipeline.loop.add(node),
      signal: this.#end.signal,
    });
    const witnesses = new Witnesses({
      clock,
      atOnce: policy.maximumUnhealthy,
      look: async (node) => await this.#testimony(node),
      onAnswer: (node) => this.#pipeline.loop.add(node),
      signal: this.#end.signal,
    });
    const pipeline = (this.#pipeline = new NodePipeline({
      clock: ownClock,
      timers: clock,
      random: cluster.random.next,
      policy,
      audit: new UnfailingAudit({ file, clock, ...reporter, regarding: NOTHING }),
      reporter,
      api,
      machines,
      askKubelet: async (address) => {
        const machine = cluster.machines.get(address);
        const believed = sabotage.believesMachines === true && machine?.claims === 'off';
        const answers =
          machine !== undefined &&
          cluster.reaches(options.name, machine) &&
          !believed &&
          machine.answersInMs < PROBE_TIMEOUT_MS;
        await clock.sleep(answers ? cluster.random.between(1, 10) : PROBE_TIMEOUT_MS);
        return answers ? 'answered' : 'silent';
      },
      standbyView: (node) => standby.view(node),
      askStandby: (node) => standby.ask(node),
      witnessView: (node) => witnesses.view(node),
      askWitnesses: (node) => witnesses.ask(node),
      stillLeading: () => {
        const leading =
          election.stillLeading(options.name) || (sabotage.leadsForEver === true && this.#ledOnce);
        this.#ledOnce ||= leading;
        return leading;
      },
      apiAgeMs: () => clock.now().monoMs - this.#lastApiMs,
      paused: () => (sabotage.ignoresPause === true ? undefined : this.line.paused),
      podFails: () => Promise.resolve(false),
      ownNamespace: 'firedrill-system',
      workers: 4,
      guards: GUARDS.filter((guard) => sabotage.withoutGuards?.includes(guard.name) !== true),
      onSuspension: () => this.#lookAtAll(),
      onError: (node, error) => {
        options.log(`${options.name} failed ${node}: ${String(error)}`);
        pipeline.remediations.errors.broke('Node', node, messageOf(error));
      },
    }));
    this.observed = pipeline.observed;
    // Endings of a process are no failures of the run.
    void pipeline.loop.run(this.#end.signal).catch(() => undefined);
    const everyMs = (): number => (election.stillLeading(options.name) ? 1000 : 5000);
    void pipeline.machinePoller?.run(everyMs, this.#end.signal).catch(() => undefined);
    this.#relist();
    this.#pulse();
    this.#watchLedger();
  }

  get upForMs(): number {
    return this.ended ? 0 : this.#options.cluster.nowMs - this.#startedMs;
  }

  get ended(): boolean {
    return this.#end.signal.aborted;
  }

  /** A new node state on its way to this process's watch. */
  hear(change: NodeChange): void {
    const { cluster, events } = this.#options;
    const { random, clock } = cluster;
    if (random.chance(events.dropped)) return;
    clock.after(random.between(1, 150) + this.line.watchLagMs, () => this.#see(change));
    if (random.chance(events.replayed)) clock.after(random.between(200, 5000), () => this.#see(change));
  }

  hearLease(name: string): void {
    const { cluster, events } = this.#options;
    const { random, clock } = cluster;
    const lease = cluster.leases.get(name);
    if (lease === undefined || random.chance(events.dropped)) return;
    clock.after(random.between(1, 150) + this.line.watchLagMs, () => {
      if (this.ended || this.line.apiCut) return;
      this.#lastApiMs = clock.now().monoMs;
      this.#pipeline.seeLease(lease);
    });
  }

  /** Ends the process at the so-many-th change that it makes from now on. */
  crashAfter(changes: number): void {
    this.#crashIn = changes;
  }

  crash(): void {
    if (this.ended) return;
    this.#options.log(`${this.name} crashed`);
    this.#end.abort(new Error('the process ended'));
    this.#pipeline.kubelets.stop();
  }

  /** A vigil kept from here, or from a machine that is named. */
  async look(node: string, forMs: number, from = this.name): Promise<CastVote> {
    const { cluster } = this.#options;
    const others = forMs === BRIEF_MS ? [] : [...cluster.nodes.keys()].filter((name) => name !== node);
    const means = {
      clock: cluster.clock,
      drained: () => Promise.resolve(),
      ask: async (name: string) => {
        const machine = cluster.machines.get(name);
        if (machine === undefined || !cluster.reaches(from, machine)) return 'silent';
        await cluster.clock.sleep(machine.answersInMs);
        return cluster.reaches(from, machine) ? 'answered' : 'silent';
      },
    };
    const known = others.filter((name) => cluster.machines.get(name)?.powered === true);
    const vote = await keepVigil({ node, at: [node], others: known, forMs }, means, this.#end.signal);
    return { ...vote, from };
  }

  async #askOthers(node: string): Promise<readonly CastVote[]> {
    const { cluster, others, sabotage } = this.#options;
    await cluster.clock.sleep(cluster.random.between(5, 50));
    if (sabotage.deafToOthers === true) return [madeUp('nobody')];
    const up = others().filter((other) => !other.ended);
    return await Promise.all(up.map(async (other) => await other.look(node, BRIEF_MS)));
  }

  /** What is seen from here and from three other machines, where their witnesses are reached. */
  async #testimony(node: string): Promise<Testimony | undefined> {
    const { cluster, policy, sabotage } = this.#options;
    const { machines, nodes } = cluster;
    const about = nodes.get(node);
    if (about === undefined) return undefined;
    const hosts = [...machines.values()].filter(({ name, retired }) => name !== node && !retired).slice(0, 3);
    const looks = hosts.map(async (host): Promise<CastVote> => {
      if (sabotage.deafToOthers === true) return madeUp(host.name);
      const vote = await this.look(node, policy.silenceMs, host.name);
      if (cluster.reaches(this.name, host)) return vote;
      return { says: 'unknown', because: 'the witness does not answer', from: host.name };
    });
    const [own, ...others] = await Promise.all([this.look(node, policy.silenceMs), ...looks]);
    if (own.says === 'alive') this.#pipeline.kubelets.heard(node);
    return testimonyOf([own, ...others], about, [...nodes.values()]);
  }

  #see(change: NodeChange): void {
    if (this.ended || this.line.apiCut) return;
    this.#lastApiMs = this.#options.cluster.nowMs;
    if (change.type === 'deleted') this.#pipeline.seeNodeDeleted(change.node);
    else this.#pipeline.seeNode(change.node);
  }

  /** What a list-watch does after a gap: everything that is there, and what is no longer. */
  #relist(): void {
    const { cluster } = this.#options;
    if (this.ended) return;
    if (!this.line.apiCut) {
      this.#lastApiMs = cluster.nowMs;
      for (const name of this.observed.names()) {
        const known = this.observed.node(name);
        if (known !== undefined && cluster.nodes.get(name)?.metadata.uid !== known.metadata.uid) {
          this.#see({ type: 'deleted', node: known });
        }
      }
      for (const node of cluster.nodes.values()) this.#see({ type: 'seen', node });
      for (const lease of cluster.leases.values()) this.observed.seeLease(lease);
    }
    cluster.clock.after(RELIST_MS * cluster.random.between(0.8, 1.2), () => this.#relist());
  }

  /** What the process does by itself every half second. */
  #pulse(): void {
    const { cluster, election, sabotage } = this.#options;
    if (this.ended) return;
    const nowMs = cluster.nowMs;
    if (!this.line.apiCut && nowMs - this.#lastApiMs > 1000) this.#lastApiMs = nowMs;
    const leading = election.stillLeading(this.name);
    if (leading && !this.#wasLeading) this.#lead();
    this.#wasLeading = leading;
    if (sabotage.blindToSuspension !== true) {
      this.#pipeline.lookForSuspension();
    }
    cluster.clock.after(500, () => this.#pulse());
  }

  /** What a process does first that begins to lead. */
  #lead(): void {
    this.#options.referee.messages.newTerm(this.name);
    this.#pipeline.remediations.reset();
    this.#pipeline.machinePoller?.soon();
    this.#lookAtAll();
  }

  #lookAtAll(): void {
    this.#pipeline.lookAtAll();
    this.#keepLedger();
  }

  #watchLedger(): void {
    if (this.ended) return;
    this.#keepLedger();
    this.#options.cluster.clock.after(LEDGER_LOOK_MS, () => this.#watchLedger());
  }

  #keepLedger(): void {
    // A ledger that cannot be read now is read at the next look.
    void this.#pipeline.controller.keepLedger(this.#end.signal).catch(() => undefined);
  }

  #crashPoint(): void {
    if (--this.#crashIn <= 0) this.crash();
  }
}

function madeUp(from: string): CastVote {
  return { says: 'silent', because: 'made up', from };
}
