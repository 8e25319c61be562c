import { mkdirSync } from 'node:fs';
import { systemClock } from '../../harness/core/clock.ts';
import { FiredrillError, describeError, messageOf } from '../../harness/core/errors.ts';
import { given } from '../../harness/core/given.ts';
import type { ClusterSoftware, ClusterSpec, Footprint, MachineCall, ProvisionProgress } from '../cluster.ts';
import { removeClusterDirectory, type ClusterPaths } from './cluster-directory.ts';
import { Broadcast, appendJsonLine } from '../http/json-lines.ts';
import type { LoadImages, SupervisorStatus } from './protocol.ts';
import { UndoService, type UndoableMachines } from './undo-service.ts';

/** The machines of a cluster, whatever they are made of. */
export interface SupervisedMachines extends UndoableMachines {
  /** @returns the name of the machine in its place */
  replace(node: string): Promise<string>;
  /** @returns the references that were loaded */
  loadImages(request: LoadImages): Promise<string[]>;
}

/** What the parts of a cluster get from its supervisor. */
export interface SupervisorServices {
  readonly onAudit: (event: Record<string, unknown>) => void;
  readonly onMachineCall: (call: MachineCall) => void;
  readonly log: (text: string) => void;
  /** Aborts when the cluster goes down. */
  readonly signal: AbortSignal;
}

/** What a start tells while it goes on. */
export interface StartReport {
  /** Notes that a step is done, and returns how many milliseconds after the start. */
  readonly mark: (step: string) => number;
  readonly report: (state: ProvisionProgress['state'], detail: string, elapsedMs?: number) => void;
}

/** What a cluster is made of; the rest of its life is the same for every provider. */
export interface ClusterBackend {
  readonly spec: ClusterSpec;
  readonly software: readonly ClusterSoftware[];
  /** What this one cluster cannot do though others of its provider can. */
  readonly cannot?: SupervisorStatus['cannot'];
  readonly machines: SupervisedMachines;
  /** Each empty until the API server has answered. */
  facts(): Pick<SupervisorStatus, 'uid' | 'kubernetesVersion' | 'apiServerUrl'>;
  /** What of it runs on this machine besides the supervisor; undefined where nobody knows. */
  footprint(): Footprint | undefined;
  bringUp(report: StartReport): Promise<void>;
  /** Copies what has been logged into a directory that is there. */
  collectLogs(directory: string): Promise<void>;
  /** Ends everything that runs, in whatever state the start is; called after the signal has aborted. */
  stop(): Promise<void>;
  /** Takes away what is left when nothing runs any more and no start goes on. */
  sweep(): Promise<void>;
}

export interface SupervisedClusterOptions {
  readonly paths: ClusterPaths;
  readonly makeBackend: (services: SupervisorServices) => ClusterBackend;
  /** Called when the cluster has been taken down, or could not be: nothing but the end of the process is left. */
  readonly onEnd: () => void;
}

/** One cluster, inside its supervisor: its life from start to end, and what the control door opens to. */
export class SupervisedCluster {
  readonly audit = new Broadcast<Record<string, unknown>>();
  readonly machineCalls = new Broadcast<MachineCall>();
  readonly progress = new Broadcast<ProvisionProgress>();
  readonly progressSoFar: ProvisionProgress[] = [];
  readonly machines: SupervisedMachines;
  readonly undoService: UndoService;
  readonly #paths: ClusterPaths;
  readonly #onEnd: () => void;
  readonly #startedMonoMs = performance.now();
  readonly #startedAtMs = Date.now();
  readonly #timings: Record<string, number> = {};
  readonly #abort = new AbortController();
  readonly #backend: ClusterBackend;
  #phase: SupervisorStatus['phase'] = 'starting';
  #detail = '';
  #refusal: SupervisorStatus['refusal'];
  #readyAfterMs: number | undefined;
  #started: Promise<void> | undefined;
  #ending: Promise<void> | undefined;

  constructor({ paths, makeBackend, onEnd }: SupervisedClusterOptions) {
    const { signal } = this.#abort;
    const log = (text: string): void => this.#log(text);
    this.#paths = paths;
    this.#onEnd = onEnd;
    this.#backend = makeBackend({
      onAudit: (event) => this.audit.publish(event),
      onMachineCall: (call) => {
        appendJsonLine(paths.machineLog, call);
        this.machineCalls.publish(call);
      },
      log,
      signal,
    });
    this.machines = this.#backend.machines;
    this.undoService = new UndoService({ paths, machines: this.machines, log, signal });
  }

  get spec(): ClusterSpec {
    return this.#backend.spec;
  }

  /** Brings everything up; on failure the phase becomes `failed` with the reason, and the logs stay. */
  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  async #start(): Promise<void> {
    try {
      await this.#backend.bringUp({
        mark: (step) => this.#mark(step),
        report: (state, detail, elapsedMs) => this.#report('cluster', state, detail, elapsedMs),
      });
      this.#readyAfterMs = performance.now() - this.#startedMonoMs;
      this.#phase = 'ready';
      this.#report('cluster', 'end', `${this.machines.nodes().length} nodes Ready`, this.#readyAfterMs);
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#phase = 'failed';
      this.#detail = describeError(error);
      this.#refusal = refusalOf(error);
      this.#log(error instanceof Error ? (error.stack ?? error.message) : String(error));
      // Whoever follows the start gets the reasons with its error.
      this.#report('cluster', 'end', `failed: ${messageOf(error)}`);
    }
  }

  status(): SupervisorStatus {
    return {
      name: this.spec.name,
      pid: process.pid,
      phase: this.#phase,
      detail: this.#detail,
      ...given({ refusal: this.#refusal }),
      spec: this.spec,
      ...this.#backend.facts(),
      software: this.#backend.software,
      cannot: this.#backend.cannot ?? {},
      kubeconfigPath: this.#paths.kubeconfig,
      startedAtMs: this.#startedAtMs,
      ...given({ readyAfterMs: this.#readyAfterMs }),
      nodes: this.machines.nodes(),
      holds: this.undoService.holds.list(),
      timings: this.#timings,
      quarantined: this.undoService.quarantined,
    };
  }

  footprint(): Footprint | undefined {
    const rest = this.#backend.footprint();
    return rest === undefined ? undefined : { ...rest, processes: [process.pid, ...rest.processes] };
  }

  async collectLogs(directory: string): Promise<void> {
    mkdirSync(directory, { recursive: true });
    await this.#backend.collectLogs(directory);
  }

  /** Takes the cluster down without anybody who waits for it. */
  endBecause(reason: string): void {
    this.#log(reason);
    // What went wrong is in the log, and whatever is left is for the reaper.
    this.down(true).catch(() => {});
  }

  /** @throws FiredrillError `cluster.in-use` where a session holds the cluster and it is not forced */
  async down(force: boolean): Promise<void> {
    const [holder] = this.undoService.holds.list();
    if (holder !== undefined && !force && this.#ending === undefined) {
      const { name } = this.spec;
      throw new FiredrillError(
        'cluster.in-use',
        `cluster ${name} is in use by session ${holder.session} (pid ${holder.pid})`,
        { hint: `wait for it to end, or: firedrill down --name ${name} --force` },
      );
    }
    this.#ending ??= this.#end();
    await this.#ending;
  }

  /** The process ends whether this succeeds or not: the reaper does the rest. */
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
    const [stopped] = await Promise.allSettled([this.#backend.stop()]);
    // A start that was cut off must not make anything after this.
    await this.#started;
    if (stopped.status === 'rejected') {
      throw new FiredrillError('cluster.down-failed', describeError(stopped.reason), {
        cause: stopped.reason,
      });
    }
    await this.#backend.sweep();
    removeClusterDirectory(this.#paths.directory);
  }

  /** Milliseconds since the start. */
  #mark(step: string): number {
    const elapsedMs = Math.round(performance.now() - this.#startedMonoMs);
    this.#timings[step] = elapsedMs;
    return elapsedMs;
  }

  #report(step: string, state: ProvisionProgress['state'], detail: string, elapsedMs?: number): void {
    const line: ProvisionProgress = { step, state, detail, ...given({ elapsedMs }) };
    this.progressSoFar.push(line);
    this.progress.publish(line);
  }

  #log(text: string): void {
    process.stderr.write(`${new Date(systemClock.now().wallMs).toISOString()} ${text}\n`);
  }
}

function refusalOf(error: unknown): SupervisorStatus['refusal'] {
  if (!(error instanceof FiredrillError) || !error.userError) return undefined;
  const { code, message, hint } = error;
  return { code, message, ...given({ hint }) };
}
