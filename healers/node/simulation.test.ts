import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, test } from 'node:test';
import { tellFailure } from '../testing/simulation/replay.ts';
import { SABOTAGES } from '../testing/simulation/sabotages.ts';
import { scheduleOf, type ScheduleOptions } from '../testing/simulation/schedule.ts';
import { SimulationThread } from '../testing/simulation/simulation-thread.ts';
import type { SimulationResult } from '../testing/simulation/simulate.ts';

/** FIREDRILL_SIM_RUNS and FIREDRILL_SIM_SEED widen the search. */
const RUNS = Number(process.env['FIREDRILL_SIM_RUNS'] ?? 2000);
const FIRST_SEED = Number(process.env['FIREDRILL_SIM_SEED'] ?? 1);
/** So many of a hundred seeds have to make the healer act, or refuse to. */
const USEFUL_PERCENT = 90;
/** Fewer seeds than this may all be quiet ones. */
const SAMPLE = 100;
/** Seeds tried for each sabotage: the first shows it, until the healer's own steps change. */
const SABOTAGE_RUNS = 30;
/** Without the sabotage the same misfortunes are harmless: a few seeds here, others in each unit of the long suite. */
const SOUND_RUNS = Math.ceil(RUNS / 400);

const thread = new SimulationThread();
after(async () => thread[Symbol.asyncDispose]());

/** Runs a seed, which has to break no rule. */
async function sound(options: ScheduleOptions): Promise<SimulationResult> {
  const { seed } = options;
  const schedule = scheduleOf(options);
  const result = await thread.run({ seed, schedule });
  if (result.violations.length > 0)
    assert.fail(
      await tellFailure(seed, { schedule, result }, async (less) => thread.run({ seed, schedule: less })),
    );
  return result;
}

test(`${RUNS} runs of seeded misfortunes break no rule, and every lost node is replaced in the end`, async () => {
  let useful = 0;
  for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
    const { actions, refusals } = await sound({ seed });
    if (actions + refusals > 0) useful++;
  }
  if (RUNS >= SAMPLE)
    assert.ok(
      useful * 100 >= USEFUL_PERCENT * RUNS,
      `in ${useful} of ${RUNS} seeds only was anything to do: nothing was tried in the others`,
    );
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

test('a seed that breaks a rule is told with the least that breaks it, and by a line that runs just that again', async () => {
  const sabotage = 'a leader that does not listen to the other healer';
  const broken = SABOTAGES.find(({ claim }) => claim === sabotage);
  assert.ok(broken !== undefined);
  for (let seed = broken.seed; ; seed++) {
    const schedule = scheduleOf({ ...broken, seed });
    const result = await thread.run({ seed, schedule, sabotage });
    if (result.violations.length === 0) continue;
    const told = await tellFailure(seed, { schedule, result }, async (less) =>
      thread.run({ seed, schedule: less, sabotage }),
    );
    const [first = '', again = '', suffice] = told.split('\n');
    assert.match(first, /^seed \d+: at .* which answered for/);
    assert.match(suffice ?? '', /^[12] of its 12 misfortunes suffice: .*kubelet-hidden-from-one /);
    const [node = '', ...words] = again.replace('again: ', '').split(' ');
    // The sound healer breaks no rule there, and the program says what it has run.
    const said = execFileSync(node, words, { encoding: 'utf8' });
    assert.ok(said.endsWith(`${again.replace('again: ', '')}\nno rule is broken\n`), said.slice(-500));
    return;
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
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SOUND_RUNS; seed++)
      await sound({ seed, misfortunes, count });
  });
}
