import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { SABOTAGES } from '../testing/simulation/sabotages.ts';
import { SimulationThread } from '../testing/simulation/simulation-thread.ts';

/** FIREDRILL_SIM_RUNS and FIREDRILL_SIM_SEED widen or repeat the search. */
const RUNS = Number(process.env['FIREDRILL_SIM_RUNS'] ?? 1000);
const FIRST_SEED = Number(process.env['FIREDRILL_SIM_SEED'] ?? 1);
/** So many seeds, one that is run again among them, may be quiet. */
const QUIET_RUNS = 20;
/** Seeds tried for each sabotage: the first shows it, until the healer's own steps change. */
const SABOTAGE_RUNS = 30;
/** Without the sabotage the same misfortunes are harmless: a few seeds here, others in each unit of the long suite. */
const SOUND_RUNS = Math.ceil(RUNS / 400);

const thread = new SimulationThread();
after(async () => thread[Symbol.asyncDispose]());

test(`${RUNS} runs of seeded misfortunes break no rule, and every lost node is replaced in the end`, async () => {
  let actions = 0;
  for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
    const result = await thread.run({ seed });
    actions += result.actions;
    const again = `FIREDRILL_SIM_SEED=${seed} FIREDRILL_SIM_RUNS=1 node --test healers/node/simulation.test.ts`;
    assert.deepEqual(
      result.violations,
      [],
      `seed ${seed}: ${result.happened.join('; ')}\n${result.log.slice(-80).join('\n')}\nagain: ${again}`,
    );
  }
  assert.ok(actions > RUNS - QUIET_RUNS, `only ${actions} actions in ${RUNS} runs: nothing was tried`);
});

test('the same seed is the same run', async () => {
  const [first, second] = [await thread.run({ seed: 7 }), await thread.run({ seed: 7 })];
  assert.deepEqual(first.log, second.log);
});

test('a calm cluster sees no action', async () => {
  for (let seed = 1; seed <= 5; seed++) {
    const { actions, log } = await thread.run({ seed, misfortunes: [] });
    assert.equal(actions, 0, log.join('\n'));
  }
});

for (const { claim, seed: firstSeed, violation, misfortunes, count } of SABOTAGES) {
  test(`the referee catches ${claim}`, async () => {
    const seen: string[] = [];
    for (let seed = firstSeed; seed < firstSeed + SABOTAGE_RUNS; seed++) {
      const { violations } = await thread.run({ seed, misfortunes, count, sabotage: claim });
      seen.push(...violations);
      if (violations.some((each) => violation.test(each))) return;
    }
    assert.fail(
      `not in ${SABOTAGE_RUNS} runs; the referee only said: ${seen.slice(0, 5).join('; ') || 'nothing'}`,
    );
  });

  test(`the sound healer passes where the referee catches ${claim}`, async () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SOUND_RUNS; seed++) {
      const { violations, log } = await thread.run({ seed, misfortunes, count });
      assert.deepEqual(violations, [], `seed ${seed}\n${log.slice(-60).join('\n')}`);
    }
  });
}
