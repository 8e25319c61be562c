import { expect, nodePowerOff, test } from '../../harness/index.ts';

test.use({
  workload: 'storefront',
  healer: 'firedrill',
  cluster: { workers: 3, zones: 3, machineProfile: 'none', environment: 'drill' },
});

/** Longer than the healer takes wherever it may act. */
const TIME_TO_ACT_MS = 40_000;
const title = 'no machine interface: a lost node is an alert within 20 s, and nothing is replaced on a guess';

/** It needs a cluster of its own, so it runs where it is named: `npm test -- scenarios/machine-profiles`. */
test(title, { tag: '@machine-profiles' }, async ({ trial }) => {
  const node = { hosting: 'app=storefront', healerLeader: false, mode: 'one' } as const;
  const loss = await trial.inject(nodePowerOff({ node }));
  await expect({ alert: 'NodeDown' }).toFireWithin('20s', { after: loss });
  await trial.sleep(TIME_TO_ACT_MS);
  const { entries } = trial.journal;
  const acts = entries.flatMap((entry) =>
    entry.kind === 'healer' && entry.event === 'acted' ? [entry] : [],
  );
  expect(acts.map(({ action, phase }) => [action, phase])).toEqual([['Cordon', 'cordoned']]);
  expect(entries.filter(({ kind }) => kind === 'machine')).toEqual([]);
  const healer = 'system:serviceaccount:firedrill-system:firedrill-healer';
  const deletions = entries.filter(
    (entry) => entry.kind === 'api.audit' && entry.user === healer && entry.verb === 'delete',
  );
  expect(deletions).toEqual([]);
});
