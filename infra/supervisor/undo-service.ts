import { existsSync, readFileSync } from 'node:fs';
import { systemClock } from '../../harness/core/clock.ts';
import { messageOf } from '../../harness/core/errors.ts';
import type { Undo } from '../../harness/core/faults/fault.ts';
import type { ClusterNode, UndoneAnswer, UndoneEffect } from '../cluster.ts';
import { retiredMachine, type NodeInspection } from '../machines/inspection.ts';
import { type VerbParameters, forEachVerb, type MachineVerb, machineResidue } from '../machines/verbs.ts';
import { executeUndo, UNDO_DEADLINE_MS } from '../undo/execute-undo.ts';
import { given } from '../../harness/core/given.ts';
import { adminTarget } from '../kube/admin-target.ts';
import { KubeClient } from '../kube/client.ts';
import { nameTouchedBy, OBJECT_UNDO_VERBS } from '../undo/object-undo.ts';
import type { ClusterPaths } from './cluster-directory.ts';
import { Holds } from './holds.ts';
import { appendJsonLine } from '../http/json-lines.ts';
import { Quarantine } from './quarantine.ts';

const LAPSE_CHECK_MS = 500;

/** The machines as far as effects on them can be undone and seen. */
export interface UndoableMachines {
  has(node: string): boolean;
  nodes(): readonly ClusterNode[];
  inspect(node: string): Promise<NodeInspection>;
  act(node: string, verb: MachineVerb, parameters?: VerbParameters): Promise<NodeInspection>;
}

interface UndoServiceOptions {
  readonly paths: ClusterPaths;
  readonly machines: UndoableMachines;
  readonly log: (text: string) => void;
  /** Aborts when the cluster goes down. */
  readonly signal: AbortSignal;
}

/** Undoes what holders leave behind, keeps a record of it, and keeps everybody out where that did not succeed. */
export class UndoService {
  readonly holds: Holds;
  readonly #options: UndoServiceOptions;
  readonly #quarantine: Quarantine;

  constructor(options: UndoServiceOptions) {
    const { paths, log, signal } = options;
    this.#options = options;
    this.#quarantine = new Quarantine(paths.quarantine);
    this.holds = new Holds({
      monoMs: () => performance.now(),
      wallMs: Date.now,
      admit: () => this.#quarantine.refuseWhileActive(),
      runUndo: (undo) => this.#undo(undo),
      onUndone: (effect, undo) => this.#record(effect, undo),
      onEnd: (session) => log(`hold of ${session} ended`),
    });
    const lapses = setInterval(() => {
      this.holds.releaseLapsed().catch((error: unknown) => log(`holds: ${messageOf(error)}`));
    }, LAPSE_CHECK_MS);
    signal.addEventListener('abort', () => clearInterval(lapses));
  }

  get quarantined(): boolean {
    return this.#quarantine.active;
  }

  undone(): UndoneAnswer {
    return { undone: readUndone(this.#options.paths.undoneLog), holds: this.holds.list() };
  }

  /** @returns what keeps the quarantine from ending; empty where there is none any more */
  async liftQuarantine(): Promise<readonly string[]> {
    const { machines, log } = this.#options;
    if (!this.#quarantine.active) return [];
    const left = await this.#quarantine.lift(
      async ({ session, pid, injectionId, undo }) => {
        await this.#undo(undo);
        const { verb } = undo;
        const effect = { session, pid, injectionId, verb, node: nameTouchedBy(undo) };
        this.#record({ wallMs: Date.now(), ...effect, why: 'reaped', ok: true }, undo);
      },
      async () =>
        machineResidue(await Promise.all(machines.nodes().map((node) => machines.inspect(node.name)))),
    );
    log(left.length === 0 ? 'the quarantine is over' : `the quarantine goes on: ${left.join('; ')}`);
    return left;
  }

  async #undo(undo: Undo): Promise<void> {
    const { machines, paths } = this.#options;
    // Made for this undo alone: the supervisor needs the API server for nothing else.
    using objects = OBJECT_UNDO_VERBS.includes(undo.verb)
      ? new KubeClient(adminTarget(paths.kubeconfig))
      : undefined;
    await executeUndo(
      undo,
      {
        ...given({ objects }),
        machines: {
          ...forEachVerb((verb) => async (node: string, parameters: VerbParameters = {}) => {
            await machines.act(node, verb, parameters);
          }),
          // One that was retired so long ago that nobody knows it any more is retired all the same.
          inspect: async (node) => (machines.has(node) ? await machines.inspect(node) : retiredMachine(node)),
        },
        clock: systemClock,
      },
      AbortSignal.timeout(UNDO_DEADLINE_MS),
    );
  }

  #record(effect: UndoneEffect, undo: Undo): void {
    const { session, pid, injectionId, verb, node, ok, why, error = '' } = effect;
    appendJsonLine(this.#options.paths.undoneLog, effect);
    this.#options.log(`${verb} ${node} for ${session} (${why}): ${ok ? 'undone' : `not undone: ${error}`}`);
    if (!ok) this.#quarantine.add({ session, pid, injectionId, undo, error });
  }
}

/**
 * What a supervisor has undone in place of holders, from its file. A session can read it as long as the cluster's state
 * is there, and in the logs that were collected from the cluster afterwards.
 */
function readUndone(path: string): UndoneEffect[] {
  if (!existsSync(path)) return [];
  // A line that is just being written has no end yet.
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as UndoneEffect);
}
