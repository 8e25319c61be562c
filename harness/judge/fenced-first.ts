import { formatDuration } from '../core/duration.ts';
import { healerUserOf } from '../core/recovery/healer-marks.ts';
import { entriesOf, type EntryOf } from '../core/journal/journal.ts';
import { injectionOf, type TrialFacts } from '../core/recovery/trial-facts.ts';
import { claimFinding, type ClaimCheck } from './check.ts';
import { blindSpot } from './observation.ts';

/** How long after a deletion the call that came before it may still be under way to us. */
const GRACE_MS = 2_000;
/** Who sees deletions, and who sees the power go. */
const WITNESSES = ['api.audit', 'machine'] as const;

/**
 * The machine was off, by the word of the machine interface, before the healer deleted the first of its pods: a pod
 * that is deleted without that proof may still run, and its replacement would be the second writer. Both instants are
 * those of the servers that were asked: whatever the healer says of itself is not evidence here.
 */
export const checkFencedFirst: ClaimCheck = (facts, claim, nowMonoMs) => {
  const injection = injectionOf(facts, claim.injectionId) ?? facts.injections[0];
  const over = facts.ended !== undefined || nowMonoMs === Number.POSITIVE_INFINITY;
  if (injection === undefined) return claimFinding(claim, 'inconclusive', 'no fault was injected');
  const unwatched = WITNESSES.find((observer) => !isWatched(facts, observer));
  // Of a cluster without an audit log, or without a machine interface, nothing will ever be seen: nobody waits for it.
  if (unwatched !== undefined)
    return claimFinding(
      claim,
      'inconclusive',
      `nobody watched: the observer "${unwatched}" was never started`,
    );
  const nodes = new Set((injection.resolved?.targets ?? []).map((target) => target.name));
  const deletion = firstDeletion(facts, nodes, injection.requestedMonoMs);
  if (deletion === undefined) {
    const dueMonoMs = claim.monoMs + (claim.withinMs ?? 0);
    if (!over && nowMonoMs < dueMonoMs) return undefined;
    return claimFinding(
      claim,
      'inconclusive',
      'the healer deleted no pod of the machine: nothing to compare',
    );
  }
  if (!over && nowMonoMs < deletion.monoMs + GRACE_MS) return undefined;
  for (const observer of WITNESSES) {
    const blind = blindSpot(facts, observer, injection.requestedMonoMs, deletion.monoMs);
    if (blind !== undefined) return claimFinding(claim, 'inconclusive', blind);
  }
  const deletedWallMs = deletion.receivedWallMs ?? deletion.stageWallMs;
  const pod = `${deletion.namespace ?? ''}/${deletion.name}`;
  const off = entriesOf(facts.entries, 'machine').find(
    ({ call, node, result, monoMs }) =>
      call === 'powerOff' &&
      nodes.has(node) &&
      result.startsWith('ok') &&
      monoMs >= injection.requestedMonoMs,
  );
  if (off === undefined)
    return claimFinding(claim, 'violated', `${pod} was deleted, and its machine was never powered off`);
  const aheadMs = deletedWallMs - (off.callWallMs ?? off.wallMs);
  const apart = formatDuration(Math.abs(aheadMs));
  return aheadMs >= 0
    ? claimFinding(claim, 'held', `off ${apart} before the first deletion of its pods`)
    : claimFinding(
        claim,
        'violated',
        `${off.node} was off only ${apart} after the deletion of its pod ${pod}`,
      );
};

function isWatched({ entries }: TrialFacts, name: string): boolean {
  return entriesOf(entries, 'observer').some(({ observer }) => observer === name);
}

/** A pod that nobody has seen before is taken for one of the machine: better a wrong doubt than a wrong proof. */
function firstDeletion(
  facts: TrialFacts,
  nodes: ReadonlySet<string>,
  fromMonoMs: number,
): EntryOf<'api.audit'> | undefined {
  const user = healerUserOf(facts);
  const nodeOf = new Map<string, unknown>();
  for (const { object, namespace, name, facts: seen } of entriesOf(facts.entries, 'watch'))
    if (object === 'Pod' && seen['node'] !== undefined)
      nodeOf.set(`${namespace ?? ''}/${name}`, seen['node']);
  return entriesOf(facts.entries, 'api.audit')
    .filter(
      (entry) =>
        entry.user === user &&
        entry.monoMs >= fromMonoMs &&
        entry.code < 400 &&
        ((entry.resource === 'pods' && entry.verb.startsWith('delete')) ||
          entry.resource === 'pods/eviction'),
    )
    .filter(({ namespace, name }) => {
      const node = nodeOf.get(`${namespace ?? ''}/${name}`);
      return typeof node !== 'string' || nodes.has(node);
    })
    .sort((a, b) => (a.receivedWallMs ?? a.stageWallMs) - (b.receivedWallMs ?? b.stageWallMs))[0];
}
