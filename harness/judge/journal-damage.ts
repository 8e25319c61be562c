import { isKnownKind } from '../core/journal/entry-shapes.ts';
import type { Entry, EntryOf } from '../core/journal/journal.ts';
import type { JournalDamage, JournalProof } from '../core/journal/parse-journal.ts';
import { isRecord } from '../core/is-record.ts';
import { contradictionIn } from './contradictory-line.ts';
import { NumberSet } from './number-set.ts';

const SCHEMA_WITHOUT_DIGESTS = 1;
const KNOWN_SCHEMAS: ReadonlySet<unknown> = new Set([SCHEMA_WITHOUT_DIGESTS, 2]);
const OUTCOMES: ReadonlySet<unknown> = new Set(['held', 'violated', 'inconclusive']);

/**
 * Whether the lines are the whole story of one trial, in the order in which it was written: asked before anything that
 * they say is judged. A journal without an end is whole as far as it goes.
 */
export function findDamage(entries: readonly Entry[], proof: JournalProof): JournalDamage | undefined {
  const { unreadable } = proof;
  const contradiction = findContradiction(entries, proof);
  // Whatever is wrong from an unreadable line on follows from it.
  return unreadable !== undefined && (contradiction === undefined || contradiction.line >= unreadable.line)
    ? unreadable
    : contradiction;
}

function findContradiction(
  entries: readonly Entry[],
  { digest, brokenAt }: JournalProof,
): JournalDamage | undefined {
  const order = new Order();
  const [first] = entries;
  if (first?.kind !== 'trial.started')
    return { line: 1, reason: 'the journal does not say which trial it belongs to' };
  let previous: Entry | undefined;
  for (const [index, entry] of entries.entries()) {
    const line = index + 1;
    const reason =
      wrongBeside(previous, entry) ??
      wrongWithin(entry) ??
      (line === brokenAt
        ? 'its digest does not follow from what it says and the line before: one of them was changed'
        : undefined) ??
      order.contradictedBy(entry);
    if (reason !== undefined) return { line, reason };
    previous = entry;
  }
  if ((digest === undefined) !== (first.schema === SCHEMA_WITHOUT_DIGESTS))
    return {
      line: 1,
      reason: `a journal of schema ${first.schema} ${digest === undefined ? 'carries a digest in each line, and this one has none' : 'carries no digests'}`,
    };
  const claim = entries.findIndex((entry) => entry.kind === 'slo.claim' && !order.knows(entry.injectionId));
  return claim === -1
    ? undefined
    : { line: claim + 1, reason: 'a claim about a fault that nobody requested' };
}

/** The start of a trial, where it says all that a verdict begins with. */
export function wellFormedStart(entry: Entry | undefined): EntryOf<'trial.started'> | undefined {
  return entry?.kind === 'trial.started' && missingOfStart(entry) === undefined ? entry : undefined;
}

function wrongBeside(previous: Entry | undefined, entry: Entry): string | undefined {
  if (previous !== undefined && entry.kind === 'trial.started') return 'a second trial begins';
  if (previous?.kind === 'trial.ended') return 'the trial had ended before it';
  const expectedSeq = previous === undefined ? 0 : previous.seq + 1;
  if (entry.seq > expectedSeq) {
    const missing = entry.seq - expectedSeq;
    return `${missing === 1 ? '1 line is' : `${missing} lines are`} missing before it (seq ${entry.seq}, expected ${expectedSeq})`;
  }
  if (entry.seq !== expectedSeq)
    return `it is out of its place or was written twice (seq ${entry.seq}, expected ${expectedSeq})`;
  if (previous !== undefined && entry.monoMs < previous.monoMs)
    return 'the monotonic clock of the journal runs backwards: the machine was restarted, or the line moved';
  return undefined;
}

function wrongWithin(entry: Entry): string | undefined {
  if (!isKnownKind(entry.kind)) return `"${entry.kind}" is no kind of entry that is known here`;
  if (entry.kind !== 'trial.started') return contradictionIn(entry);
  if (!KNOWN_SCHEMAS.has(entry.schema))
    return `the journal is of schema ${JSON.stringify(entry.schema)}, and this version knows ${[...KNOWN_SCHEMAS].join(' and ')}`;
  const missing = missingOfStart(entry);
  return missing && `the start of the trial does not say its ${missing}`;
}

function missingOfStart(start: EntryOf<'trial.started'>): string | undefined {
  const fields: Readonly<Record<string, unknown>> = { ...start };
  const cluster: Readonly<Record<string, unknown>> = isRecord(start.cluster) ? start.cluster : {};
  return (
    ['trialId', 'runId', 'scenario', 'title', 'again'].find((field) => typeof fields[field] !== 'string') ??
    ['seed', 'deadlineMs'].find((field) => !Number.isFinite(fields[field])) ??
    (OUTCOMES.has(start.expected) ? undefined : 'expected outcome') ??
    ['name', 'provider', 'kubernetesVersion', 'uid'].find((field) => typeof cluster[field] !== 'string')
  );
}

/** What the lines so far allow to follow. */
class Order {
  readonly #requested = new Map<string, number>();
  readonly #resolved = new Set<string>();
  readonly #effective = new Set<string>();
  readonly #reverted = new Set<string>();
  readonly #claims = new Set<string>();
  /** Numbers of the requests that were told, by target. */
  readonly #requests = new Map<string, NumberSet>();
  #searched = false;

  knows(injectionId: string | undefined): boolean {
    return injectionId === undefined || this.#requested.has(injectionId);
  }

  contradictedBy(entry: Entry): string | undefined {
    if (entry.kind === 'residue') this.#searched = true;
    if (entry.kind === 'slo.claim') return once(this.#claims, entry.claimId, 'claim', 'made');
    if (entry.kind === 'probe.sample') {
      const told = this.#requests.get(entry.target) ?? new NumberSet();
      this.#requests.set(entry.target, told);
      return told.add(entry.probeSeq) ? undefined : `the request ${entry.probeSeq} was told twice`;
    }
    if (!('injectionId' in entry)) return undefined;
    const id = entry.injectionId;
    if (entry.kind === 'fault.requested') {
      if (this.#searched) return 'residue was searched before this fault';
      if (this.#requested.has(id)) return `the fault ${JSON.stringify(id)} was requested twice`;
      this.#requested.set(id, entry.monoMs);
      return undefined;
    }
    const requestedMonoMs = this.#requested.get(id);
    if (requestedMonoMs === undefined) return `the fault ${JSON.stringify(id)} was never requested`;
    switch (entry.kind) {
      case 'fault.resolved':
        return once(this.#resolved, id, 'fault', 'resolved');
      case 'fault.effective':
        if (this.#reverted.has(id)) return `the fault ${JSON.stringify(id)} was undone before its effect`;
        if (this.#searched) return 'residue was searched before the effect of this fault';
        if (entry.effectiveMonoMs + entry.errorMs < requestedMonoMs)
          return `the fault ${JSON.stringify(id)} took effect before it was requested`;
        return once(this.#effective, id, 'fault', 'proven');
      case 'fault.reverted':
        this.#reverted.add(id);
        return undefined;
      default:
        return undefined;
    }
  }
}

function once(seen: Set<string>, id: string, what: string, done: string): string | undefined {
  if (seen.has(id)) return `the ${what} ${JSON.stringify(id)} was ${done} twice`;
  seen.add(id);
  return undefined;
}
