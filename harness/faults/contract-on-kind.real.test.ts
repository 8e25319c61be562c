import { test } from 'node:test';
import { kindProvider } from '../../infra/providers/kind/provider.ts';
import { chooseProvider, providersOf } from '../../infra/provider.ts';
import { ownClusters } from '../../infra/testing/contract/own-clusters.ts';
import { injectorContract } from '../trial/testing/injector-contract.ts';

const clusters = ownClusters(kindProvider);
const { provider } = clusters;
const answer = await provider.applies();
if (!answer.yes) test('the contract of injectors on kind', { skip: answer.reasons.join('; ') });
else if ((await chooseProvider(undefined, providersOf(process.env))).name === provider.name)
  test('the contract of injectors on kind', { skip: 'contract.real.test.ts runs on kind here' });
else injectorContract('kind', (signal) => clusters.bringUp('contract', signal));
