import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../harness/core/clock.ts';
import { FiredrillError, describeError, messageOf } from '../../harness/core/errors.ts';
import type {
  ClusterNode,
  MachineCall,
  NodeInspection,
  ProvisionProgress,
  UndoneAnswer,
} from '../cluster.ts';
import type { ClusterPaths } from '../state-directory.ts';
import type { Claims } from '../supervisor/claims.ts';
import { removeClusterDirectory } from '../supervisor/cluster-directory.ts';
import type { ControlBackend, NodeVerb } from '../supervisor/control-door.ts';
import { Broadcast, appendJsonLine } from '../supervisor/json-lines.ts';
import type { LoadImages, SupervisorStatus } from '../supervisor/protocol.ts';
import { Safekeeping } from '../supervisor/safekeeping.ts';
import { bringUp } from './bring-up.ts';
import { removeClusterCgroups } from './cgroups.ts';
import { Fleet } from './fleet.ts';
import { HubServices } from './hub-services.ts';
import type { LaunchPlan } from './launch.ts';

/** One embedded cluster, inside its supervisor: its life from start to end, and what the control door opens to. */
export class EmbeddedCluster implements ControlBackend {
  readonly audit = new Broadcast<Record<string, unknown>>();
  readonly machineCalls = new Broadcast<MachineCall>();
  readonly progress = new Broadcast<ProvisionProgress>();
  readonly #plan: LaunchPlan;
  readonly #paths: ClusterPaths;
  readonly #onEnd: () => void;
  readonly #startedMonoMs = performance.now();
  readonly #startedAtMs = Date.now();
  readonly #progressSoFar: ProvisionProgress[] = [];
  readonly #timings: Record<string, number> = {};
  readonly #abort = new AbortController();
  readonly #hub: HubServices;
  readonly #fleet: Fleet;
  readonly #safekeeping: Safekeeping;
  #phase: SupervisorStatus['phase'] = 'starting';
  #detail = '';
  #readyAfterMs: number | undefined;
  #owners = 0;
  #started: Promise<void> | undefined;
  #ending: Promise<void> | undefined;

  constructor(options: {
    plan: LaunchPlan;
    paths: ClusterPaths;
    hostNamespaceFd: number;
    /** Called when the cluster has been taken down, or could not be: nothing but the end of the process is left. */
    onEnd: () => void;
  }) {
    const { plan, paths, hostNamespaceFd } = options;
    const { signal } = this.#abort;
    this.#plan = plan;
    this.#paths = paths;
    this.#onEnd = options.onEnd;
    this.#hub = new HubServices({
      plan,
      paths,
      hostNamespaceFd,
      machines: () => this.#fleet,
      onAudit: (event) => this.audit.publish(event),
      onMachineCall: (call) => {
        appendJsonLine(paths.machineLog, call);
        this.machineCalls.publish(call);
      },
      log: (text) => this.#log(text),
      signal,
    });
    this.#fleet = new Fleet({ plan, paths, authority: () => this.#hub.authority, signal });
    this.#safekeeping = new Safekeeping({
      paths,
      machines: this.#fleet,
      log: (text) => this.#log(text),
      signal,
    });
  }

  get claims(): Claims {
    return this.#safekeeping.claims;
  }

  /** Brings everything up; on failure the phase becomes `failed` with the reason, and the logs stay. */
  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  async #start(): Promise<void> {
    try {
      await bringUp({
        spec: this.#plan.spec,
        sharedDirectory: this.#paths.shared,
        hub: this.#hub,
        fleet: this.#fleet,
        mark: (step) => this.#mark(step),
        report: (state, detail, elapsedMs) => this.#report('cluster', state, detail, elapsedMs),
        log: (text) => this.#log(text),
        signal: this.#abort.signal,
      });
      this.#readyAfterMs = performance.now() - this.#startedMonoMs;
      this.#phase = 'ready';
      this.#report('cluster', 'end', `${this.#fleet.all.length} nodes Ready`, this.#readyAfterMs);
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#phase = 'failed';
      this.#detail = describeError(error);
      this.#log(error instanceof Error ? (error.stack ?? error.message) : String(error));
      this.#report('cluster', 'end', `failed: ${this.#detail}`);
    }
  }

  status(): SupervisorStatus {
    return {
      name: this.#plan.spec.name,
      pid: process.pid,
      phase: this.#phase,
      detail: this.#detail,
      spec: this.#plan.spec,
      ...this.#hub.facts,
      software: this.#plan.software,
      kubeconfigPath: this.#paths.kubeconfig,
      startedAtMs: this.#startedAtMs,
      ...(this.#readyAfterMs === undefined ? {} : { readyAfterMs: this.#readyAfterMs }),
      nodes: this.nodes(),
      claims: this.claims.list(),
      timings: this.#timings,
      quarantined: this.#safekeeping.quarantined,
    };
  }

  progressSoFar(): readonly ProvisionProgress[] {
    return this.#progressSoFar;
  }

  nodes(): readonly ClusterNode[] {
    return this.#fleet.nodes();
  }

  inspect(node: string): Promise<NodeInspection> {
    return this.#fleet.inspect(node);
  }

  act(node: string, verb: NodeVerb): Promise<NodeInspection> {
    return this.#fleet.act(node, verb);
  }

  async replace(node: string): Promise<string> {
    return (await this.#fleet.replace(node)).replacement;
  }

  loadImages(request: LoadImages): Promise<string[]> {
    return this.#fleet.loadImages(request);
  }

  collectLogs(directory: string): Promise<void> {
    mkdirSync(directory, { recursive: true });
    cpSync(this.#paths.logs, join(directory, 'hub'), { recursive: true });
    this.#fleet.collectLogs(directory);
    return Promise.resolve();
  }

  undone(): UndoneAnswer {
    return this.#safekeeping.undone();
  }

  liftQuarantine(): Promise<readonly string[]> {
    return this.#safekeeping.liftQuarantine();
  }

  owned(): () => void {
    this.#owners++;
    return () => {
      if (--this.#owners === 0 && this.#plan.spec.ephemeral === true)
        this.endBecause('the owner has gone: the cluster goes with it');
    };
  }

  /** Takes the cluster down without anybody who waits for it. */
  endBecause(reason: string): void {
    this.#log(reason);
    // What went wrong is in the log, and whatever is left is for the reaper.
    this.down(true).catch(() => {});
  }

  async down(force: boolean): Promise<void> {
    const [holder] = this.claims.list();
    if (holder !== undefined && !force && this.#ending === undefined) {
      const { name } = this.#plan.spec;
      throw new FiredrillError(
        'cluster.in-use',
        `cluster ${name} is in use by session ${holder.session} (pid ${holder.pid})`,
        { userError: true, hint: `wait for it to end, or: firedrill down --name ${name} --force` },
      );
    }
    this.#ending ??= this.#end();
    await this.#ending;
  }

  /** The process ends whether this succeeds or not: the machines die with it, and the reaper does the rest. */
  async #end(): Promise<void> {
    try {
      await this.#takeDown();
    } catch (error) {
      this.#ending = undefined;
      this.#log(`down: ${describeError(error)}`);
      throw error;
    } finally {
      this.#onEnd();
    }
  }

  async #takeDown(): Promise<void> {
    this.#phase = 'stopping';
    this.#abort.abort(new FiredrillError('cluster.stopping', 'the cluster is being taken down'));
    const results = await Promise.allSettled([this.#hub.stop(), this.#fleet.retireAll()]);
    // A start that was cut off must not make anything after this.
    await this.#started;
    const failures = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as Error] : [],
    );
    if (failures.length > 0) {
      throw new FiredrillError('cluster.down-failed', failures.map(messageOf).join('; '), {
        cause: failures[0],
      });
    }
    await removeClusterCgroups(this.#plan.spec.name);
    removeClusterDirectory(this.#paths.directory);
  }

  /** Milliseconds since the start. */
  #mark(step: string): number {
    const elapsedMs = Math.round(performance.now() - this.#startedMonoMs);
    this.#timings[step] = elapsedMs;
    return elapsedMs;
  }

  #report(step: string, state: ProvisionProgress['state'], detail: string, elapsedMs?: number): void {
    const line: ProvisionProgress = {
      step,
      state,
      detail,
      ...(elapsedMs === undefined ? {} : { elapsedMs }),
    };
    this.#progressSoFar.push(line);
    this.progress.publish(line);
  }

  #log(text: string): void {
    process.stderr.write(`${new Date(systemClock.now().wallMs).toISOString()} ${text}\n`);
  }
}
