import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import { COMMANDS } from '../../harness/core/installation.ts';
import { InTurn } from '../../harness/core/in-turn.ts';
import type { Hold } from '../cluster.ts';
import type { KubeClient } from '../kube/client.ts';
import { isConflict, isNotFound } from '../kube/errors.ts';
import type { Lease } from '../kube/objects.ts';
import {
  HOLD_LEASE,
  holdsOf,
  leaseWith,
  leftIn,
  sessionOf,
  type HoldRecord,
} from '../agents/reaper/hold-record.ts';

interface HoldTiming {
  readonly beatEveryMs: number;
  readonly beatWithinMs: number;
  /** The holder takes itself for dead after this, so that it has stopped before others begin. */
  readonly renewWithinMs: number;
  /** Others take over a lease that they have not seen change for so long. */
  readonly timeToLiveMs: number;
}

const TIMING: HoldTiming = {
  beatEveryMs: 2_000,
  beatWithinMs: 2_000,
  renewWithinMs: 7_000,
  timeToLiveMs: 10_000,
};
const LOOK_EVERY_MS = 250;

/**
 * Takes the cluster for a session and keeps it until it is released. There is no supervisor here: the API server keeps
 * the Lease, and every process of the session has a hold of its own in it.
 *
 * @throws FiredrillError `hold.taken` where another session gives signs of life, `cluster.quarantined` where a dead one
 * has left faults that nobody has undone
 */
export async function holdLease(
  kube: KubeClient,
  session: string,
  timing: HoldTiming = TIMING,
): Promise<Hold> {
  const hold = new LeaseHold(kube, session, timing);
  await hold.take();
  return hold;
}

class LeaseHold implements Hold {
  readonly id = randomUUID();
  readonly #kube: KubeClient;
  readonly #session: string;
  readonly #timing: HoldTiming;
  #own: HoldRecord;
  /** One write at a time: they all change the same object. */
  readonly #turns = new InTurn();
  #timer: NodeJS.Timeout | undefined;
  #heardMonoMs: number;
  #trouble = 'no answer yet';
  #refused: string | undefined;
  /** When a sign of life of each other process of this session was last seen. */
  readonly #seen = new Map<string, { readonly beat: number; readonly monoMs: number }>();

  constructor(kube: KubeClient, session: string, timing: HoldTiming) {
    this.#kube = kube;
    this.#session = session;
    this.#timing = timing;
    this.#own = { id: this.id, pid: process.pid, host: hostname(), beat: 0, undos: [] };
    this.#heardMonoMs = this.#now();
  }

  get lost(): string | undefined {
    if (this.#refused !== undefined) return this.#refused;
    const silentMs = this.#now() - this.#heardMonoMs;
    if (silentMs <= this.#timing.renewWithinMs) return undefined;
    return `the lease was not renewed for ${Math.round(silentMs)} ms: ${this.#trouble}`;
  }

  async take(): Promise<void> {
    let foreign: { readonly version: string; readonly sinceMonoMs: number } | undefined;
    for (;;) {
      const lease = await this.#kube.find(HOLD_LEASE);
      const holder = lease === undefined ? '' : sessionOf(lease);
      const version = lease?.metadata?.resourceVersion ?? '';
      const isFree = lease === undefined || holder === '' || holder === this.#session;
      const sinceMonoMs = foreign?.sinceMonoMs ?? this.#now();
      const isDead = !isFree && this.#now() - sinceMonoMs >= this.#timing.timeToLiveMs;
      if (!isFree && foreign !== undefined && foreign.version !== version) throw taken(lease);
      if (isDead) requireUndone(lease);
      if ((isFree || isDead) && (await this.#tryTake(lease, isDead))) break;
      if (!isFree) foreign = { version, sinceMonoMs };
      await this.#kube.clock.sleep(LOOK_EVERY_MS);
    }
    this.#timer = setInterval(() => void this.#beat(), this.#timing.beatEveryMs);
    this.#timer.unref();
  }

  registerUndo(injectionId: string, undo: HoldRecord['undos'][number]['undo']): Promise<void> {
    return this.#change(({ undos }) => [
      ...undos.filter((one) => one.injectionId !== injectionId),
      { injectionId, undo },
    ]);
  }

  forgetUndo(injectionId: string): Promise<void> {
    return this.#change(({ undos }) => undos.filter((one) => one.injectionId !== injectionId));
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    await this.#turns.do(() => this.#leave());
  }

  /** False where somebody was faster. */
  async #tryTake(lease: Lease | undefined, afterDead: boolean): Promise<boolean> {
    const others = afterDead ? [] : holdsOf(lease);
    return await this.#tryWrite(lease, [...others, this.#own]);
  }

  async #beat(): Promise<void> {
    try {
      await this.#change(({ undos }) => undos, AbortSignal.timeout(this.#timing.beatWithinMs));
    } catch (error) {
      this.#trouble = messageOf(error);
      if (error instanceof FiredrillError && error.code === 'hold.unknown') this.#refused = this.#trouble;
    }
  }

  async #change(undosOf: (own: HoldRecord) => HoldRecord['undos'], signal?: AbortSignal): Promise<void> {
    await this.#turns.do(async () => {
      for (;;) {
        const askedMonoMs = this.#now();
        const lease = await this.#kube.find(HOLD_LEASE, { signal });
        const own = this.#requireOwn(lease);
        const changed = { ...own, beat: own.beat + 1, undos: undosOf(own) };
        const others = this.#living(holdsOf(lease).filter(({ id }) => id !== this.id));
        if (!(await this.#tryWrite(lease, [...others, changed], signal))) continue;
        this.#own = changed;
        this.#heardMonoMs = askedMonoMs;
        return;
      }
    });
  }

  /** The last one takes the lease away. What was not undone stays in it, for whoever comes next to see. */
  async #leave(): Promise<void> {
    for (;;) {
      const lease = await this.#kube.find(HOLD_LEASE);
      if (lease === undefined || sessionOf(lease) !== this.#session) return;
      const holds = holdsOf(lease);
      const own = holds.find(({ id }) => id === this.id);
      if (own !== undefined && own.undos.length > 0) throw leftBehind(own);
      const others = holds.filter(({ id }) => id !== this.id);
      if (others.length > 0 ? await this.#tryWrite(lease, others) : await this.#tryDelete(lease)) return;
    }
  }

  #requireOwn(lease: Lease | undefined): HoldRecord {
    const own = holdsOf(lease).find(({ id }) => id === this.id);
    if (own !== undefined && lease !== undefined && sessionOf(lease) === this.#session) return own;
    const now = lease === undefined ? 'it is gone' : `it is held by session ${sessionOf(lease)}`;
    throw new FiredrillError('hold.unknown', `our hold is no longer in the lease: ${now}`, {
      hint: 'the holder was silent for too long, or somebody has deleted the lease',
    });
  }

  /** A process of ours that was killed and has broken nothing is forgotten; one that has broken something is not. */
  #living(others: readonly HoldRecord[]): readonly HoldRecord[] {
    const now = this.#now();
    return others.filter(({ id, beat, undos }) => {
      const seen = this.#seen.get(id);
      if (seen?.beat !== beat) this.#seen.set(id, { beat, monoMs: now });
      const silentMs = seen?.beat === beat ? now - seen.monoMs : 0;
      return undos.length > 0 || silentMs <= this.#timing.timeToLiveMs;
    });
  }

  async #tryWrite(
    lease: Lease | undefined,
    holds: readonly HoldRecord[],
    signal?: AbortSignal,
  ): Promise<boolean> {
    const { timeToLiveMs } = this.#timing;
    const { wallMs } = this.#kube.clock.now();
    const record = leaseWith(lease, this.#session, holds, { timeToLiveMs, wallMs });
    try {
      if (lease === undefined) await this.#kube.create(record, { signal });
      else await this.#kube.replace(record, { signal });
      return true;
    } catch (error) {
      if (isConflict(error) || isNotFound(error)) return false;
      throw error;
    }
  }

  async #tryDelete(lease: Lease): Promise<boolean> {
    const resourceVersion = lease.metadata?.resourceVersion ?? '';
    try {
      await this.#kube.delete(HOLD_LEASE, { preconditions: { resourceVersion } });
      return true;
    } catch (error) {
      if (isConflict(error) || isNotFound(error)) return false;
      throw error;
    }
  }

  #now(): number {
    return this.#kube.clock.now().monoMs;
  }
}

function taken(lease: Lease): FiredrillError {
  const [hold] = holdsOf(lease);
  const where = hold === undefined ? '' : ` (pid ${hold.pid} on ${hold.host})`;
  return new FiredrillError('hold.taken', `the cluster is in use by session ${sessionOf(lease)}${where}`, {
    hint: 'wait for it to end, or use another cluster',
  });
}

/** @throws FiredrillError `cluster.quarantined` */
function requireUndone(lease: Lease): void {
  const left = leftIn(holdsOf(lease));
  if (left.length === 0) return;
  const undos = left.map(({ undo }) => `${undo.verb} ${JSON.stringify(undo.args)}`).join(', ');
  const { namespace, name } = HOLD_LEASE;
  throw new FiredrillError(
    'cluster.quarantined',
    `session ${sessionOf(lease)} has died and left faults that nobody has undone: ${undos}`,
    {
      hint: `undo them by hand, then: kubectl -n ${namespace} delete lease ${name}; and see ${COMMANDS.firedrill} adopt --help`,
    },
  );
}

function leftBehind({ undos }: HoldRecord): FiredrillError {
  return new FiredrillError(
    'hold.faults-left',
    `${undos.length} faults were not undone: ${undos.map(({ undo }) => undo.verb).join(', ')}`,
    { hint: 'the lease keeps others away until they are' },
  );
}
