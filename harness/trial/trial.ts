import type { Clock } from '../core/clock.ts';
import { FiredrillError, messageOf } from '../core/errors.ts';
import type { Fault, Injection, ResolvedTarget, Target } from '../core/faults/fault.ts';
import type { Entry, EntryBody, EntryOf, TrialEnded, TrialStarted } from '../core/journal/journal.ts';
import type { Rng } from '../core/seed.ts';
import type { FaultContext, LivenessConnection, PodAccess } from '../faults/injector.ts';
import { executeUndo, UNDO_DEADLINE_MS, type UndoActors } from '../../infra/undo/execute-undo.ts';
import type { KubeClient } from '../../infra/kube/client.ts';
import type { Manifest, ObjectRef } from '../../infra/kube/objects.ts';
import type { ClusterSnapshot } from '../faults/targets/cluster-snapshot.ts';
import { resolveTarget } from '../faults/targets/resolve.ts';
import type { StopCondition } from '../core/owner/policy.ts';
import type { StopReason } from '../core/owner/stop-condition.ts';
import { given } from '../core/given.ts';
import type { Observer, StartObserver } from '../observe/observer.ts';
import type { Hold, Cluster } from '../../infra/cluster.ts';
import { withTrialDeadline } from './deadline.ts';
import { gateReasons, waitAtGate, type GateSettings, type GateView } from './gate.ts';
import { injectFault } from './inject.ts';
import { Journal } from './journal-file.ts';
import { machineResidue } from '../../infra/machines/verbs.ts';
import { watchHost } from './host-watch.ts';
import { ObjectActs } from './object-acts.ts';
import { watchSelf } from './self-watch.ts';
import { StopError, StopWatch, type ReadStopConditions } from './stop-watch.ts';
import { UndoStack, type UndoResult } from './undo-stack.ts';

/** Everything that a trial is made of. */
export interface TrialDependencies {
  readonly started: Omit<TrialStarted, 'kind' | 'schema'>;
  readonly journalPath: string;
  readonly cluster: Cluster;
  readonly hold: Pick<Hold, 'registerUndo' | 'forgetUndo'>;
  /** Pids of the run's own processes on this machine: launcher, test runner, worker. */
  readonly ownProcesses: readonly number[];
  readonly clock: Clock;
  readonly rng: Rng;
  readonly observers: readonly StartObserver[];
  readonly gate: GateSettings & { readonly withinMs: number };
  /** The trial comes to its gate at an instant within as long, drawn from its seed; milliseconds. */
  readonly jitterMs: number;
  /** What of the gate's view is to be had from the API server. */
  readonly readGateFacts: () => Promise<Pick<GateView, 'nodes' | 'reaperMissing'>>;
  readonly readSnapshot: () => Promise<ClusterSnapshot>;
  /** What the cluster's owner wants to end the trial: keeps the gate shut, and is watched from then on. */
  readonly stopConditions: readonly StopCondition[];
  readonly readStopConditions: ReadStopConditions;
  readonly openLivenessConnection: (address: string) => Promise<LivenessConnection>;
  readonly pods: PodAccess;
  readonly nodeReturn: NonNullable<UndoActors['nodeReturn']>;
  readonly kube: Pick<KubeClient, 'find' | 'get' | 'create' | 'patch' | 'delete'>;
  /** Aborts the trial from outside: a signal, a lost cluster. */
  readonly signal: AbortSignal;
  readonly onWaiting?: (reasons: readonly string[]) => void;
}

const GATE_LOOK_EVERY_MS = 200;
/** Whose undos are no fault's. */
const PEOPLE = 'people';

/** A trial that has passed its gate: what the scenario works with. */
export class Trial {
  readonly journal: Journal;
  readonly clock: Clock;
  /** Aborts at the trial's deadline, or when the trial is aborted; every verb that waits takes it. */
  readonly signal: AbortSignal;
  readonly cluster: Cluster;
  readonly #parts: TrialDependencies;
  readonly #deadline: Disposable;
  readonly #endsMonoMs: number;
  readonly #undos: UndoStack;
  readonly #observers: Observer[] = [];
  readonly #stopped = new AbortController();
  readonly #injecting = new Set<Promise<Injection>>();
  readonly #expiries = new Set<NodeJS.Timeout>();
  readonly #stopWatches: readonly (() => void)[];
  #stopWatch: StopWatch | undefined;
  #undoneAtStop: Promise<void> | undefined;
  readonly #acts: ObjectActs;
  #injections = 0;
  #closed: Promise<void> | undefined;

  private constructor(parts: TrialDependencies) {
    this.#parts = parts;
    this.clock = parts.clock;
    this.cluster = parts.cluster;
    this.journal = Journal.create(parts.journalPath, parts.clock);
    this.journal.append({ kind: 'trial.started', schema: 2, ...parts.started }, { sync: true });
    this.#endsMonoMs = parts.clock.now().monoMs + parts.started.deadlineMs;
    const outer = AbortSignal.any([parts.signal, this.journal.failed, this.#stopped.signal]);
    const deadline = withTrialDeadline(parts.started.deadlineMs, outer);
    this.#deadline = deadline;
    this.signal = deadline.signal;
    this.#undos = new UndoStack(
      parts.hold,
      (undo, signal) =>
        executeUndo(undo, { ...parts, machines: parts.cluster.machines, objects: parts.kube }, signal),
      UNDO_DEADLINE_MS,
    );
    this.#acts = new ObjectActs({
      trialId: this.id,
      kube: parts.kube,
      keep: (undo) => this.#undos.push(PEOPLE, undo),
      note: (text) => this.note(text),
      signal: this.signal,
    });
    const append = (body: EntryBody): void => void this.journal.append(body);
    this.#stopWatches = [
      watchSelf(append, parts.clock),
      watchHost(append, parts.clock, parts.cluster, parts.ownProcesses),
    ];
  }

  /**
   * Starts the observers and waits at the gate. Once this has returned the trial must be closed; where it throws it
   * has closed itself.
   *
   * @throws FiredrillError `gate.refused` with every reason.
   */
  static async open(parts: TrialDependencies): Promise<Trial> {
    const trial = new Trial(parts);
    try {
      await trial.#begin();
      return trial;
    } catch (error) {
      await trial.close({ how: 'error', error: messageOf(error) });
      throw error;
    }
  }

  get id(): string {
    return this.#parts.started.trialId;
  }

  /** Injects a fault and resolves when it was seen to bite. */
  async inject(fault: Fault): Promise<Injection> {
    this.#requireOpen();
    const id = `f${++this.#injections}`;
    this.journal.append({ kind: 'phase', phase: 'inject', state: 'begin', detail: fault.kind });
    const injecting = injectFault(id, fault, {
      journal: this.journal,
      undos: this.#undos,
      cluster: this.cluster,
      context: this.#faultContext(),
      clock: this.clock,
      rng: this.#parts.rng,
      trialEndsMonoMs: this.#endsMonoMs,
      readSnapshot: this.#parts.readSnapshot,
      readStopConditions: this.#parts.readStopConditions,
      revert: (injectionId) => this.#revert(injectionId, 'trial'),
    });
    this.#injecting.add(injecting);
    const injection = await injecting.finally(() => this.#injecting.delete(injecting));
    this.journal.append({ kind: 'phase', phase: 'inject', state: 'end', detail: fault.kind });
    if (fault.durationMs !== undefined) this.#expire(injection, fault.durationMs);
    return injection;
  }

  /** Chooses nodes or pods as a fault would, for a scenario that has to know them before. */
  async choose(target: Target): Promise<readonly ResolvedTarget[]> {
    return resolveTarget(target, await this.#parts.readSnapshot(), this.#parts.rng).targets;
  }

  /**
   * Changes an object as a person would, by a merge patch. What it puts there is taken back at the end of the trial, where it
   * is still so; what it takes away stays away.
   *
   * @throws FiredrillError `trial.not-ours` on a cluster of somebody else's
   */
  async change(object: ObjectRef, patch: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#asPerson().change(object, patch);
  }

  /**
   * Makes an object as a person would; it is deleted at the end of the trial.
   *
   * @throws FiredrillError `trial.not-ours` on a cluster of somebody else's
   */
  async create(object: Manifest): Promise<void> {
    await this.#asPerson().create(object);
  }

  /** A line for the reader of the report. */
  note(text: string): void {
    this.journal.append({ kind: 'note', text });
  }

  /** Waits on the trial's clock, and no longer than the trial lasts. */
  async sleep(durationMs: number): Promise<void> {
    await this.clock.sleep(durationMs, this.signal);
  }

  /** Resolves at the first entry, of those already written or of those to come, that `matches`. */
  async waitForEntry(matches: (entry: Entry) => boolean, signal: AbortSignal = this.signal): Promise<Entry> {
    const found = this.journal.entries.find(matches);
    if (found !== undefined) return found;
    signal.throwIfAborted();
    return new Promise<Entry>((resolve, reject) => {
      const stop = this.journal.onEntry((entry) => {
        if (matches(entry)) settle(() => resolve(entry));
      });
      const onAbort = (): void => settle(() => reject(signal.reason as Error));
      const settle = (finish: () => void): void => {
        stop();
        signal.removeEventListener('abort', onAbort);
        finish();
      };
      signal.addEventListener('abort', onAbort);
    });
  }

  /** Undoes every fault, stops the observers, proves that nothing is left, and ends the journal. Safe to call twice. */
  async close(end: Omit<TrialEnded, 'kind'>): Promise<void> {
    this.#closed ??= this.#close(end);
    await this.#closed;
  }

  /** Whether residue was found at the end; undefined before that. */
  get residue(): EntryOf<'residue'> | undefined {
    return this.journal.entries.findLast((entry) => entry.kind === 'residue');
  }

  #asPerson(): ObjectActs {
    this.#requireOpen();
    if (this.cluster.borrowed === true)
      throw new FiredrillError(
        'trial.not-ours',
        `objects of ${this.cluster.name} are its owner's to change`,
        {
          hint: 'run this scenario on a cluster that Firedrill makes: leave --provider existing out',
        },
      );
    return this.#acts;
  }

  #requireOpen(): void {
    if (this.#closed !== undefined)
      throw new FiredrillError('trial.closed', 'the trial is over; nothing can be injected any more');
    this.signal.throwIfAborted();
  }

  async #begin(): Promise<void> {
    const append = (body: EntryBody): void => void this.journal.append(body);
    const starting = this.#parts.observers.map(async (start) => {
      this.#observers.push(await start(append, this.signal));
    });
    // Each is there before one that cannot begin ends the trial, which ends them.
    const failed = (await Promise.allSettled(starting)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
    const { jitterMs, rng } = this.#parts;
    // Before the gate: the start is to be steady at the moment of the fault.
    if (jitterMs > 0) await this.#phase('jitter', () => this.sleep(rng.next() * jitterMs));
    await this.#phase('gate', async () => {
      const { gate, onWaiting } = this.#parts;
      const answer = await waitAtGate(() => this.#look(), {
        withinMs: gate.withinMs,
        everyMs: GATE_LOOK_EVERY_MS,
        clock: this.clock,
        signal: this.signal,
        ...given({ onWaiting }),
      });
      append({ kind: 'gate', ...answer });
      if (!answer.ok)
        throw new FiredrillError('gate.refused', `the start is not steady: ${answer.reasons.join('; ')}`, {
          hint: 'nothing was injected; see the journal for what the probe and the watches saw',
        });
    });
    // Until the gate has opened, stop conditions only keep it shut: a target that is not up yet while monitoring starts ends no trial.
    this.#watchStopConditions();
  }

  #watchStopConditions(): void {
    const { stopConditions: conditions, readStopConditions: read } = this.#parts;
    if (conditions.length === 0) return;
    const onStop = (reason: StopReason): void => this.#stop(reason);
    this.#stopWatch = new StopWatch({ conditions, read, clock: this.clock, onStop });
  }

  /** Whatever the scenario's function is doing now: it may take long until it notices. */
  #stop(reason: StopReason): void {
    this.journal.append({ kind: 'trial.stopped', ...reason }, { sync: true });
    this.#stopped.abort(new StopError(reason));
    this.#undoneAtStop = this.#undoAll();
    // Who closes the trial gets the rejection.
    this.#undoneAtStop.catch(() => undefined);
  }

  /** An effect that is being made can be undone when it is there, and not before. */
  async #undoAll(): Promise<void> {
    await Promise.allSettled(this.#injecting);
    if (this.#undos.size > 0)
      await this.#phase('revert', async () => this.#journalReverts(await this.#undos.revertAll(), 'trial'));
  }

  async #look(): Promise<readonly string[]> {
    const { readGateFacts, readStopConditions, stopConditions } = this.#parts;
    const [facts, residue, stops] = await Promise.all([
      readGateFacts(),
      this.#machineResidue(),
      stopConditions.length === 0 ? [] : readStopConditions(stopConditions, this.signal),
    ]);
    const now = this.clock.now().monoMs;
    return gateReasons({ ...facts, residue, stops }, this.journal.entries, now, this.#parts.gate);
  }

  async #machineResidue(): Promise<readonly string[]> {
    const { cluster } = this.#parts;
    if (!cluster.can('node.power').yes) return [];
    const nodes = await cluster.nodes();
    return machineResidue(await Promise.all(nodes.map((node) => cluster.machines.inspect(node.name))));
  }

  #faultContext(): FaultContext {
    const { openLivenessConnection, pods } = this.#parts;
    return { cluster: this.cluster, openLivenessConnection, pods, clock: this.clock, signal: this.signal };
  }

  #expire(injection: Injection, durationMs: number): void {
    const leftMs = Math.max(0, injection.effectiveMonoMs + durationMs - this.clock.now().monoMs);
    const timer = setTimeout(() => {
      this.#expiries.delete(timer);
      void this.#revert(injection.id, 'expiry');
    }, leftMs);
    this.#expiries.add(timer);
  }

  async #revert(injectionId: string, by: 'trial' | 'expiry'): Promise<void> {
    this.#journalReverts(await this.#undos.revert(injectionId), by);
  }

  #journalReverts(results: readonly UndoResult[], by: 'trial' | 'expiry'): void {
    for (const { injectionId, ok, observation } of results)
      if (injectionId === PEOPLE) this.note(`${ok ? 'undone' : 'not undone'}: ${observation}`);
      else this.journal.append({ kind: 'fault.reverted', injectionId, ok, observation, by });
  }

  async #phase(phase: string, work: () => Promise<void>): Promise<void> {
    this.journal.append({ kind: 'phase', phase, state: 'begin' });
    try {
      await work();
    } finally {
      this.journal.append({ kind: 'phase', phase, state: 'end' });
    }
  }

  async #close(end: Omit<TrialEnded, 'kind'>): Promise<void> {
    for (const timer of this.#expiries) clearTimeout(timer);
    await this.#stopWatch?.[Symbol.asyncDispose]();
    await this.#undoneAtStop;
    await this.#undoAll();
    if (this.#injections > 0 || this.#undos.size > 0) {
      const items = await this.#residueItems();
      this.journal.append({ kind: 'residue', ok: items.length === 0, items });
    }
    const stopped = await Promise.allSettled(this.#observers.toReversed().map((observer) => observer.stop()));
    for (const result of stopped)
      if (result.status === 'rejected')
        this.journal.append({
          kind: 'note',
          text: `an observer failed while stopping: ${messageOf(result.reason)}`,
        });
    for (const stop of this.#stopWatches) stop();
    this.journal.append({ kind: 'trial.ended', ...end }, { sync: true });
    this.journal.close();
    this.#deadline[Symbol.dispose]();
  }

  /** What is left; where that cannot be found out, the reason is an item, too. */
  async #residueItems(): Promise<readonly string[]> {
    const undone = this.#undos.size > 0 ? [`${this.#undos.size} undos did not succeed`] : [];
    try {
      return [...undone, ...(await this.#machineResidue())];
    } catch (error) {
      return [...undone, `what is left could not be read: ${messageOf(error)}`];
    }
  }
}
