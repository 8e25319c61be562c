import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { NodeBench } from '../testing/node-bench.ts';
import { FleetCounts } from './fleet-counts.ts';
import { PAUSE_ANNOTATION } from '../cluster/pause-watch.ts';
import { OPT_OUT_LABEL } from './remediation.ts';

const NODES = 12;

/** What a count from the beginning would say. */
function countedAnew({ clock, observed }: NodeBench): FleetCounts {
  const counts = new FleetCounts(clock, (name) => {
    const node = observed.node(name);
    return node === undefined ? undefined : observed.shareOf(observed.facts(node));
  });
  for (const name of observed.names()) counts.changed(name);
  return counts;
}

function zonesOf({ zones }: FleetCounts): object {
  const sorted = (names: ReadonlySet<string>): readonly string[] => [...names].sort();
  return Object.fromEntries(
    [...zones].map(([zone, { tally, names, kinds }]) => {
      const ofKinds = Object.entries(kinds).map(([kind, each]) => [kind, sorted(each)] as const);
      return [zone, { tally, names: sorted(names), kinds: Object.fromEntries(ofKinds) }];
    }),
  );
}

test('counts that are kept up on change are those of a count from the beginning, whatever befalls the nodes, and an answer that is no event is counted within two tenths of a second', async () => {
  const bench = new NodeBench({ policy: { maximumInFlight: 2, maximumInFlightPerZone: 2 } });
  await bench.calm(NODES, (_, number) => ({ zone: number === 1 ? '' : `zone-${number % 3}` }));
  const { server } = bench;
  const misfortunes: readonly (() => void)[] = [
    () => bench.losePower('n2'),
    () => bench.losePower('n5'),
    () => bench.silent.add('n3'),
    () => server.setReady('n4', 'False'),
    () => bench.cutOff.add('n6'),
    () => server.changeMetadata('n7', { labels: { [OPT_OUT_LABEL]: '' } }),
    () => server.changeMetadata('n8', { annotations: { [PAUSE_ANNOTATION]: 'why' } }),
    () => server.deleteNode('n9'),
    () => bench.addNode('n13', { created: 'now', ready: 'False', zone: 'zone-1', lease: 'none' }),
    () => bench.machines.states.set('n10', 'off'),
    () => bench.regainPower('n5'),
    () => server.setReady('n4', 'True'),
    () => bench.cutOff.delete('n6'),
    () => bench.silent.delete('n3'),
  ];
  const seen = new Set<string>();
  let tenths = 200;
  let late = 0;
  for (const misfortune of misfortunes) {
    misfortune();
    for (let step = 0; step < 40; step++) {
      await bench.until(++tenths / 10);
      const anew = countedAnew(bench);
      const { counts } = bench.observed;
      late = isDeepStrictEqual(counts.total, anew.total) ? 0 : late + 1;
      if (late > 2) assert.deepEqual(counts.total, anew.total, `after ${tenths / 10} s`);
      if (late === 0) assert.deepEqual(zonesOf(counts), zonesOf(anew), `after ${tenths / 10} s`);
      seen.add(JSON.stringify(counts.total));
    }
  }
  assert.ok(seen.size > 10, `${seen.size} different counts`);
});

test('a count of thousands of nodes of which one has changed looks at one', () => {
  let looks = 0;
  const clock = { now: () => ({ monoMs: 0, wallMs: 0 }), sleep: () => Promise.resolve() };
  const counts = new FleetCounts(clock, (name) => {
    looks++;
    return {
      ...{ name, uid: name, zone: '', lease: 'renewed', isLeaseUnproven: false, isCounted: true },
      ...{
        isUnhealthy: false,
        isForOthers: false,
        isForeign: false,
        isInFlight: false,
        isRecorded: false,
        isOurs: true,
      },
      ...{ isOff: false, isCalm: true, isSilent: false, forMs: 1000 },
    };
  });
  for (let number = 0; number < 5000; number++) counts.changed(`n${number}`);
  assert.equal(counts.total.nodes, 5000);
  looks = 0;
  counts.changed('n7');
  assert.equal(counts.total.nodes, 5000);
  assert.equal(counts.zones.get('')?.tally.all, 5000);
  assert.equal(looks, 1);
});
