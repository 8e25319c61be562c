import { formatDuration } from '../core/duration.ts';
import { largest } from '../core/extremes.ts';
import { healerUserOf } from '../core/recovery/healer-marks.ts';
import { entriesOf, type EntryOf } from '../core/journal/journal.ts';
import { wasWatched } from '../core/recovery/sight.ts';
import type { InjectionFacts, TrialFacts } from '../core/recovery/trial-facts.ts';
import type { Outcome } from '../core/verdict.ts';
import { decided, doubtful, type ClaimCheck } from './check.ts';
import { injectionFor, isOver, knownUntil } from './claim-time.ts';

/** How long after a deletion the call that came before it may still be under way to us. */
const GRACE_MS = 2_000;
/** Both servers tell whole milliseconds. */
const ROUNDING_MS = 1;
/** Who sees deletions, and who sees the power go. */
const WITNESSES = ['api.audit', 'machine'] as const;

/**
 * Of every machine of the fault: it was off, by the word of the machine interface, before each deletion of one of its
 * pods by the healer, and was not on again by then. A pod that is deleted without that proof may still run, and its
 * replacement would be the second writer. All instants are those of the servers that were asked: whatever the healer
 * says of itself is no evidence here.
 */
export const checkFencedFirst: ClaimCheck = (facts, claim, nowMonoMs) => {
  const injection = injectionFor(facts, claim);
  if (injection === undefined) return doubtful('no fault was injected');
  const unwatched = WITNESSES.find((observer) => !wasWatched(facts, observer));
  // A cluster without an audit log, or without a machine interface, will never show anything: nobody waits for it.
  if (unwatched !== undefined)
    return doubtful(`nobody watched: the observer "${unwatched}" was never started`);

  const deletions = deletionsOf(facts, injection);
  const fencings = deletions.flatMap((deletion) => fencingsOf(facts, injection, deletion));
  const sights = (toMonoMs: number) =>
    WITNESSES.map((observer) => ({ observer, fromMonoMs: injection.requestedMonoMs, toMonoMs }));
  const lastMonoMs = largest(deletions.map(({ monoMs }) => monoMs));
  const unfenced = fencings.find(({ outcome }) => outcome === 'violated');
  if (unfenced !== undefined && knownUntil(facts, nowMonoMs) >= lastMonoMs + GRACE_MS)
    return decided('violated', unfenced.reason, sights(unfenced.monoMs));

  const endMonoMs = treatedMonoMs(facts, deletions, injection) ?? claim.monoMs + (claim.withinMs ?? 0);
  const known = knownUntil(facts, nowMonoMs);
  if (known < Math.max(endMonoMs, lastMonoMs + GRACE_MS) && !isOver(facts, nowMonoMs)) return undefined;
  if (unfenced !== undefined) return decided('violated', unfenced.reason, sights(unfenced.monoMs));
  const [first] = fencings;
  if (first === undefined) return doubtful('the healer deleted no pod of the machine: nothing to compare');
  const close = fencings.find(({ outcome }) => outcome === 'inconclusive');
  if (close !== undefined) return doubtful(close.reason);
  // When the trial looks for residue it is closing, and its observers are stopped next.
  const closingMonoMs = entriesOf(facts.entries, 'residue')[0]?.monoMs ?? known;
  return decided(
    'held',
    first.reason,
    sights(Math.max(lastMonoMs, Math.min(endMonoMs, known, closingMonoMs))),
  );
};

type Deletion = EntryOf<'api.audit'>;

/** What is known of one deletion and one machine. */
interface Fencing {
  readonly outcome: Outcome;
  readonly reason: string;
  readonly monoMs: number;
}

/** What the healer deleted of the machines, by the API server's clock. */
function deletionsOf(facts: TrialFacts, injection: InjectionFacts): Deletion[] {
  const user = healerUserOf(facts);
  return entriesOf(facts.entries, 'api.audit')
    .filter(
      (entry) =>
        entry.user === user &&
        entry.monoMs >= injection.requestedMonoMs &&
        entry.code < 400 &&
        ((entry.resource === 'pods' && entry.verb.startsWith('delete')) ||
          entry.resource === 'pods/eviction') &&
        machinesOf(facts, injection, entry).length > 0,
    )
    .sort((a, b) => deletedWallMs(a) - deletedWallMs(b));
}

function deletedWallMs(deletion: Deletion): number {
  return deletion.receivedWallMs ?? deletion.stageWallMs;
}

/** A pod that nobody has seen before is taken for one of every machine: better a wrong doubt than a wrong proof. */
function machinesOf(facts: TrialFacts, injection: InjectionFacts, deletion: Deletion): string[] {
  const nodes = (injection.resolved?.targets ?? []).map((target) => target.name);
  const node = nodeOf(facts, deletion);
  return node === undefined ? nodes : nodes.filter((name) => name === node);
}

/** Where a pod ran when it was deleted: one of the same name may have come up elsewhere since. */
function nodeOf(facts: TrialFacts, deletion: Deletion): string | undefined {
  const seen = entriesOf(facts.entries, 'watch').findLast(
    ({ object, namespace, name, facts: { node }, wallMs }) =>
      object === 'Pod' &&
      name === deletion.name &&
      namespace === deletion.namespace &&
      typeof node === 'string' &&
      wallMs <= deletedWallMs(deletion),
  );
  const node = seen?.facts['node'];
  return typeof node === 'string' ? node : undefined;
}

function fencingsOf(facts: TrialFacts, injection: InjectionFacts, deletion: Deletion): Fencing[] {
  const unknown = nodeOf(facts, deletion) === undefined;
  return machinesOf(facts, injection, deletion).map((node) => {
    const fencing = fencingOf(facts, injection, deletion, node);
    const where = `nobody knows where ${podOf(deletion)} ran`;
    return unknown && fencing.outcome === 'violated'
      ? { ...fencing, outcome: 'inconclusive', reason: `${where}: ${fencing.reason}` }
      : fencing;
  });
}

function fencingOf(
  facts: TrialFacts,
  { requestedMonoMs }: InjectionFacts,
  deletion: Deletion,
  node: string,
): Fencing {
  const { monoMs } = deletion;
  const pod = podOf(deletion);
  const deletedMs = deletedWallMs(deletion);
  const errorMs = clockErrorMs(facts);
  const calls = entriesOf(facts.entries, 'machine')
    .filter((entry) => entry.node === node && entry.monoMs >= requestedMonoMs)
    .map((entry) => ({ ...entry, atMs: entry.callWallMs ?? entry.wallMs, ok: /^ok\b/.test(entry.result) }))
    .sort((a, b) => a.atMs - b.atMs);
  const offs = calls.filter(({ call, ok }) => ok && (call === 'powerOff' || call === 'replace'));
  const off = offs.findLast(({ atMs }) => atMs <= deletedMs + errorMs);
  if (off === undefined) {
    const [late] = offs;
    const reason =
      late === undefined
        ? `${pod} was deleted, and its machine was never powered off`
        : `${node} was off only ${formatDuration(late.atMs - deletedMs)} after the deletion of its pod ${pod}`;
    return { outcome: 'violated', reason, monoMs };
  }
  const on = calls.findLast(
    ({ call, atMs }) => call === 'powerOn' && atMs >= off.atMs - errorMs && atMs <= deletedMs + errorMs,
  );
  if (on !== undefined) {
    const reason = `${node} was powered on again ${formatDuration(deletedMs - on.atMs)} before the deletion of its pod ${pod}`;
    const sure = on.ok && on.atMs > off.atMs + errorMs && on.atMs < deletedMs - errorMs;
    return { outcome: sure ? 'violated' : 'inconclusive', reason, monoMs };
  }
  const aheadMs = deletedMs - off.atMs;
  const reason = `off ${formatDuration(aheadMs)} before the first deletion of its pods`;
  if (aheadMs > errorMs) return { outcome: 'held', reason, monoMs };
  const close = `too close to call: ${node} was off ${formatDuration(aheadMs)} before the deletion of its pod ${pod}, and the clocks of the two servers may be ${formatDuration(errorMs)} apart`;
  return { outcome: 'inconclusive', reason: close, monoMs };
}

function podOf({ namespace = '', name }: Deletion): string {
  return `${namespace}/${name}`;
}

/** A stamp later than its arrival is that of another clock, which is ahead of ours by that much at least. */
function clockErrorMs({ entries }: TrialFacts): number {
  const ahead = (stamps: readonly { readonly wallMs: number; readonly atMs: number | undefined }[]): number =>
    stamps.reduce((most, { wallMs, atMs }) => Math.max(most, (atMs ?? wallMs) - wallMs), 0);
  const api = entriesOf(entries, 'api.audit').map((entry) => ({ ...entry, atMs: entry.stageWallMs }));
  const machines = entriesOf(entries, 'machine').map((entry) => ({ ...entry, atMs: entry.callWallMs }));
  return ROUNDING_MS + ahead(api) + ahead(machines);
}

/** When the healer was done with every machine of which it deleted pods; undefined while it is not, or does not say so. */
function treatedMonoMs(
  facts: TrialFacts,
  deletions: readonly Deletion[],
  injection: InjectionFacts,
): number | undefined {
  const nodes = new Set(deletions.flatMap((deletion) => machinesOf(facts, injection, deletion)));
  const [firstDeletion] = deletions;
  if (firstDeletion === undefined) return undefined;
  const endOf = (node: string): number =>
    entriesOf(facts.entries, 'healer').findLast(
      ({ event, subject, monoMs }) =>
        event === 'recovered' && subject === `node/${node}` && monoMs >= firstDeletion.monoMs,
    )?.monoMs ?? Infinity;
  const endMonoMs = largest([...nodes].map(endOf));
  return Number.isFinite(endMonoMs) ? endMonoMs : undefined;
}
