import { pause } from '../../../harness/core/clock.ts';
import { FiredrillError, messageOf } from '../../../harness/core/errors.ts';
import type { KubeClient } from '../../kube/client.ts';
import { goneIsDone, isConflict } from '../../kube/errors.ts';
import type { Lease } from '../../kube/objects.ts';
import type { DrillPower } from '../../machines/drill-power.ts';
import { inspectionOf } from '../../machines/inspection.ts';
import { executeUndo, type UndoActors } from '../../undo/execute-undo.ts';
import { ANCHOR } from './anchor.ts';
import { HOLD_LEASE, holdsOf, leftIn, sessionOf, type HoldRecord } from './hold-record.ts';

interface ReaperTiming {
  readonly lookEveryMs: number;
  /** A look that takes longer has shown nothing. */
  readonly lookWithinMs: number;
  /** The holder takes itself for dead after 7 s of silence, another session takes over after 10 s; both come first. */
  readonly silentAfterMs: number;
  /** Machines that cannot be switched on for so long are left to people. */
  readonly undoWithinMs: number;
}

const REAPER_TIMING: ReaperTiming = {
  lookEveryMs: 1_000,
  lookWithinMs: 2_000,
  silentAfterMs: 15_000,
  undoWithinMs: 120_000,
};

/** What no repetition can mend: this process has nobody who could do it. */
const NEVER_POSSIBLE = ['undo.malformed', 'undo.no-actor', 'undo.unknown-verb'];

/** What one look has shown, by our own clock. */
interface Sighting {
  /** resourceVersion; '' where there is no lease. */
  readonly version: string;
  readonly sinceMonoMs: number;
}

/**
 * Runs inside of a cluster that is somebody else's, and cleans up when whoever drills there is gone for good: a closed laptop must not
 * leave anything behind. Only a change of the hold's lease that it sees itself is a sign of life.
 */
export class Reaper {
  readonly #kube: KubeClient;
  readonly #timing: ReaperTiming;
  readonly #say: (text: string) => void;
  readonly #power: Pick<DrillPower, 'powerOn' | 'stateOf'> | undefined;
  #powerReached: boolean;
  #undoingSinceMonoMs: number | undefined;
  #sighting: Sighting | undefined;
  #trouble: string | undefined = 'it has not looked yet';

  constructor(
    kube: KubeClient,
    say: (text: string) => void,
    options: {
      readonly timing?: ReaperTiming;
      /** Switches machines on again; absent: nobody here can. */
      readonly power?: Pick<DrillPower, 'powerOn' | 'stateOf'> | undefined;
    } = {},
  ) {
    this.#kube = kube;
    this.#timing = options.timing ?? REAPER_TIMING;
    this.#power = options.power;
    this.#powerReached = options.power === undefined;
    this.#say = say;
  }

  /** Why it cannot do its work now. */
  get notReady(): string | undefined {
    return this.#trouble;
  }

  /** Watches until the holder is gone and everything of it is, or until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const stopped = (): boolean => signal.aborted;
    while (!stopped()) {
      try {
        const lease = await this.#kube.find(HOLD_LEASE, {
          signal,
          timeoutMs: this.#timing.lookWithinMs,
        });
        if (!this.#powerReached) await this.#reachPower(signal);
        this.#trouble = undefined;
        if (this.#isSilent(lease) && (await this.#reap(lease, signal))) return;
      } catch (error) {
        if (stopped()) return;
        // What we could not see proves nothing: the holder could not renew it either.
        this.#sighting = undefined;
        this.#trouble = messageOf(error);
        this.#say(`cannot look: ${this.#trouble}`);
      }
      await pause(this.#kube.clock, this.#timing.lookEveryMs, signal);
    }
  }

  #isSilent(lease: Lease | undefined): boolean {
    const version = lease?.metadata?.resourceVersion ?? '';
    const { monoMs } = this.#kube.clock.now();
    if (this.#sighting?.version !== version) this.#sighting = { version, sinceMonoMs: monoMs };
    return monoMs - this.#sighting.sinceMonoMs >= this.#timing.silentAfterMs;
  }

  /** False where the holder was there after all. */
  async #reap(lease: Lease | undefined, signal: AbortSignal): Promise<boolean> {
    if (lease !== undefined) {
      this.#say(`session ${sessionOf(lease)} was silent for ${this.#timing.silentAfterMs} ms`);
      const left = await this.#undo(leftIn(holdsOf(lease)), signal);
      if (left === 'again') return false;
      // What the API and the machine interface cannot undo keeps everybody out, by the lease, until a person has done so.
      for (const { undo } of left) this.#say(`not undone: ${undo.verb} ${JSON.stringify(undo.args)}`);
      if (left.length === 0 && !(await this.#deleteLease(lease, signal))) return false;
    }
    await goneIsDone(this.#kube.delete(ANCHOR, { propagation: 'Background', signal }));
    this.#say('everything that was installed goes with its owner');
    return true;
  }

  async #reachPower(signal: AbortSignal): Promise<void> {
    await this.#power?.stateOf('', signal);
    this.#powerReached = true;
  }

  /** What is left of it in the end, or that it has to be tried again. */
  async #undo(undos: HoldRecord['undos'], signal: AbortSignal): Promise<HoldRecord['undos'] | 'again'> {
    const actors = this.#actors(signal);
    const left: HoldRecord['undos'][number][] = [];
    let failed = false;
    for (const one of undos) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(this.#timing.undoWithinMs)]);
      try {
        this.#say(await executeUndo(one.undo, actors, limit));
      } catch (error) {
        signal.throwIfAborted();
        left.push(one);
        if (error instanceof FiredrillError && NEVER_POSSIBLE.includes(error.code)) continue;
        failed = true;
        this.#say(`${one.undo.verb} failed: ${messageOf(error)}`);
      }
    }
    const { monoMs } = this.#kube.clock.now();
    this.#undoingSinceMonoMs ??= monoMs;
    return failed && monoMs - this.#undoingSinceMonoMs < this.#timing.undoWithinMs ? 'again' : left;
  }

  #actors(signal: AbortSignal): UndoActors {
    const { clock } = this.#kube;
    const power = this.#power;
    if (power === undefined) return { clock };
    return {
      clock,
      machines: {
        powerOn: (node) => power.powerOn(node, signal),
        inspect: async (node) => inspectionOf(node, await power.stateOf(node, signal)),
      },
    };
  }

  async #deleteLease(lease: Lease, signal: AbortSignal): Promise<boolean> {
    const resourceVersion = lease.metadata?.resourceVersion;
    if (resourceVersion === undefined)
      throw new FiredrillError('reaper.no-version', 'a lease without a version');
    try {
      await goneIsDone(this.#kube.delete(HOLD_LEASE, { preconditions: { resourceVersion }, signal }));
    } catch (error) {
      if (isConflict(error)) return false;
      throw error;
    }
    return true;
  }
}
