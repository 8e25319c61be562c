import { formatDuration } from '../core/duration.ts';
import { entriesOf, type EntryOf } from '../core/journal/journal.ts';
import { healerUserOf } from '../core/recovery/healer-marks.ts';
import { blindSpot, wasWatched } from '../core/recovery/sight.ts';
import type { TrialFacts } from '../core/recovery/trial-facts.ts';
import type { Finding } from '../core/verdict.ts';
import { held, type Check } from './check.ts';

type Write = EntryOf<'api.audit'>;

/** What a healer of ours promises of itself: `MOST_DEEDS` of healers/safety/gate.ts. */
const MOST_WRITES = { count: 50, withinMs: 1_000 } as const;
/** An eviction that a budget refuses is tried twice a second; whatever else is refused, ever later. */
const MOST_REFUSALS = { count: 25, withinMs: 10_000 } as const;
const CALLS: ReadonlySet<string> = new Set([
  ...['patch nodes', 'delete nodes', 'delete pods', 'create pods/eviction'],
  'patch serviceaccounts firedrill-healer',
  ...['create', 'update'].map((verb) => `${verb} configmaps firedrill-healer-ledger`),
]);

/**
 * What holds of every write of our healer in every trial, whatever the trial is about, by the API server's own log: only calls of its
 * table, no pod of a node that it has not put its record on before, no node whose machine was not replaced, never in a hurry, and
 * nothing that is refused again and again.
 */
export const checkHealerBounds: Check = {
  name: 'healer-bounds',
  run: (facts) => {
    const opened = entriesOf(facts.entries, 'gate').find(({ ok }) => ok);
    if (facts.started?.config['healer'] !== 'firedrill' || opened === undefined) return [];
    const fromMonoMs = opened.monoMs;
    const toMonoMs = entriesOf(facts.entries, 'residue')[0]?.monoMs ?? facts.lastMonoMs;
    // Where nobody looked there is nothing to say, and no claim rests on this.
    if (blindSpot(facts, { observer: 'api.audit', fromMonoMs, toMonoMs }) !== undefined) return [];
    const user = healerUserOf(facts);
    const writes = entriesOf(facts.entries, 'api.audit')
      .filter((entry) => entry.user === user && entry.monoMs >= fromMonoMs)
      .toSorted((a, b) => atMs(a) - atMs(b));
    const broken = [
      ...writes.filter((write) => !isCall(write)).map((write) => `it has no business with ${told(write)}`),
      ...crowded(writes, MOST_WRITES).map((write) => `more than ${limitOf(MOST_WRITES)}, at ${told(write)}`),
      ...[
        ...Map.groupBy(
          writes.filter(({ code }) => code >= 400),
          told,
        ).values(),
      ].flatMap((refused) =>
        crowded(refused, MOST_REFUSALS).map(
          (write) => `${told(write)} was refused more than ${limitOf(MOST_REFUSALS)}`,
        ),
      ),
      ...writes
        .filter((write) => isUnmarked(facts, writes, write))
        .map((write) => `${told(write)} without its record on the node`),
      ...writes
        .filter((write) => isUnreplaced(facts, write))
        .map((write) => `${told(write)}, whose machine was not replaced`),
    ];
    const [first] = broken;
    if (first === undefined)
      return [held('healer-bounds', `${writes.length} writes of the healer, all within its bounds`)];
    return [
      {
        check: 'healer-bounds',
        outcome: 'violated',
        reason: `the healer left its bounds: ${first}`,
      } satisfies Finding,
    ];
  },
};

function isCall({ verb, resource, name }: Write): boolean {
  return CALLS.has(`${verb} ${resource}`) || CALLS.has(`${verb} ${resource} ${name}`);
}

function atMs({ receivedWallMs, stageWallMs }: Write): number {
  return receivedWallMs ?? stageWallMs;
}

/** The first write that is one too many within the time before it; empty: there is none. */
function crowded(
  writes: readonly Write[],
  most: { readonly count: number; readonly withinMs: number },
): readonly Write[] {
  return writes
    .filter((write, index) => {
      const before = writes[index - most.count];
      return before !== undefined && atMs(write) - atMs(before) < most.withinMs;
    })
    .slice(0, 1);
}

/** A pod that goes although the healer has written nothing on its node before; of a pod that nobody has seen it is not known. */
function isUnmarked({ entries }: TrialFacts, writes: readonly Write[], write: Write): boolean {
  if (!write.resource.startsWith('pods') || write.code >= 400) return false;
  const seen = entriesOf(entries, 'watch').findLast(
    ({ object, namespace, name, facts, wallMs }) =>
      object === 'Pod' &&
      name === write.name &&
      namespace === write.namespace &&
      typeof facts['node'] === 'string' &&
      wallMs <= atMs(write),
  );
  const node = seen?.facts['node'];
  return (
    node !== undefined &&
    !writes.some(
      ({ verb, resource, name, code, stageWallMs }) =>
        verb === 'patch' && resource === 'nodes' && name === node && code < 400 && stageWallMs <= atMs(write),
    )
  );
}

function isUnreplaced(facts: TrialFacts, write: Write): boolean {
  if (write.verb !== 'delete' || write.resource !== 'nodes' || write.code >= 400) return false;
  if (!wasWatched(facts, 'machine')) return false;
  return !entriesOf(facts.entries, 'machine').some(
    ({ call, node, result }) => call === 'replace' && node === write.name && result.startsWith('ok'),
  );
}

function told({ verb, resource, namespace, name }: Write): string {
  return `${verb} ${resource} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

function limitOf({ count, withinMs }: { readonly count: number; readonly withinMs: number }): string {
  return `${count} times within ${formatDuration(withinMs)}`;
}
