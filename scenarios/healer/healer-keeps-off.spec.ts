import { expect, healerActions, nodePowerOff, test } from '../../harness/index.ts';
import { aNode, node } from './acts-of-people.ts';

test.use({ workload: 'storefront', healer: 'firedrill' });

/** What people and other remediators write on a node that is theirs; without it the healer acts within 4 s: node-loss.spec.ts. */
const marks = {
  'a person has cordoned': { spec: { unschedulable: true } },
  'its owner has opted out': { metadata: { labels: { 'healer.firedrill.dev/opt-out': 'true' } } },
  'a person has paused': { metadata: { annotations: { 'healer.firedrill.dev/pause': 'looking at it' } } },
  'kured is rebooting': { metadata: { annotations: { 'weave.works/kured-reboot-in-progress': 'now' } } },
};

for (const [what, mark] of Object.entries(marks)) {
  test(`a lost node that ${what} is left to them`, async ({ trial }) => {
    const lost = await aNode(trial);
    await trial.change(node(lost.names[0] ?? ''), mark);
    await trial.inject(nodePowerOff({ node: lost }));
    await expect(healerActions).toStaySilent('12s');
  });
}
