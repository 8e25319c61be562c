import { systemClock } from '../../core/clock.ts';
import type { Fault, Injection } from '../../core/faults/fault.ts';
import { createRng } from '../../core/seed.ts';
import { injectFault } from '../inject.ts';
import { Journal } from '../journal-file.ts';
import { UndoStack, type UndoResult } from '../undo-stack.ts';
import type { Hold, Cluster } from '../../../infra/cluster.ts';
import { type NodeMachines, type VerbParameters, forEachVerb } from '../../../infra/machines/verbs.ts';
import { executeUndo, UNDO_DEADLINE_MS, type UndoActors } from '../../../infra/undo/execute-undo.ts';
import { KubeClient } from '../../../infra/kube/client.ts';
import { NodeReturn } from '../../../infra/kube/node-return.ts';
import type { FaultContext, PodAccess } from '../../faults/injector.ts';
import { KUBELET_PORT, openLivenessConnection } from '../../faults/witness/liveness-connection.ts';
import { podAccess } from '../../faults/pod-access.ts';
import { readSnapshot } from '../../faults/targets/read-snapshot.ts';

/**
 * A holder of a cluster that injects and undoes as a trial does, by the same code and with a hold of its own, without
 * workload, observers and gate.
 */
export class ContractSession {
  readonly journal: Journal;
  /** For each act of an injector on a machine: how many undos the supervisor held for us right before it. */
  readonly undosHeldAtActs: number[] = [];
  readonly #cluster: Cluster;
  readonly #kube: KubeClient;
  readonly #hold: Hold;
  readonly #stop = new AbortController();
  readonly #undos: UndoStack;
  readonly #undoActors: UndoActors;

  private constructor(cluster: Cluster, hold: Hold, journalPath: string) {
    this.#cluster = cluster;
    this.#hold = hold;
    this.#kube = new KubeClient(cluster.kube);
    this.journal = Journal.create(journalPath, systemClock);
    this.#undoActors = {
      machines: cluster.machines,
      clock: systemClock,
      nodeReturn: new NodeReturn(this.#kube),
    };
    this.#undos = new UndoStack(
      hold,
      (undo, signal) => executeUndo(undo, this.#undoActors, signal),
      UNDO_DEADLINE_MS,
    );
  }

  static async open(cluster: Cluster, name: string, journalPath: string): Promise<ContractSession> {
    return new ContractSession(cluster, await cluster.hold(name), journalPath);
  }

  inject(fault: Fault): Promise<Injection> {
    return injectFault('f1', fault, {
      journal: this.journal,
      undos: this.#undos,
      cluster: this.#cluster,
      context: this.#context(),
      clock: systemClock,
      rng: createRng(1),
      trialEndsMonoMs: systemClock.now().monoMs + 60_000,
      readSnapshot: () => readSnapshot(this.#cluster, this.#kube, this.#stop.signal),
      readStopConditions: () => Promise.resolve([]),
      revert: async (id) => {
        await this.revert(id);
      },
    });
  }

  revert(injectionId: string): Promise<readonly UndoResult[]> {
    return this.#undos.revert(injectionId);
  }

  /** Carries every undo of the journal out once more, whatever was undone already. */
  async undoAgain(): Promise<void> {
    for (const entry of this.journal.entries)
      if (entry.kind === 'fault.intent')
        await executeUndo(entry.undo, this.#undoActors, AbortSignal.timeout(UNDO_DEADLINE_MS));
  }

  /** How many effects the supervisor would undo for us, by its own account. */
  async undosHeld(): Promise<number> {
    const { holds } = await this.#cluster.undone();
    return holds.find((holder) => holder.id === this.#hold.id)?.undos ?? 0;
  }

  /** Undoes what is left and lets go of the cluster. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#undos.revertAll();
    await this.#hold.release();
    this.#stop.abort();
    this.#kube.close();
    this.journal.close();
  }

  #context(): FaultContext {
    const cluster = this.#cluster;
    return {
      cluster: { nodes: () => cluster.nodes(), machines: this.#watched(cluster.machines) },
      openLivenessConnection: async (address) =>
        openLivenessConnection(await cluster.connect(address, KUBELET_PORT)),
      pods: this.#watchedPods(podAccess(this.#kube, (address, port) => cluster.connect(address, port))),
      clock: systemClock,
      signal: this.#stop.signal,
    };
  }

  #watchedPods(pods: PodAccess): PodAccess {
    return {
      ...pods,
      kill: async (pod) => {
        this.undosHeldAtActs.push(await this.undosHeld());
        await pods.kill(pod);
      },
    };
  }

  #watched(machines: NodeMachines): NodeMachines {
    const watched =
      <T>(act: (node: string, parameters?: VerbParameters) => Promise<T>) =>
      async (node: string, parameters?: VerbParameters): Promise<T> => {
        this.undosHeldAtActs.push(await this.undosHeld());
        return act(node, parameters);
      };
    return {
      ...forEachVerb((_verb, { method }) => watched(machines[method])),
      replace: watched((node) => machines.replace(node)),
      inspect: (node) => machines.inspect(node),
    };
  }
}
