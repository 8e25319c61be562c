import { test } from 'node:test';
import { kindProvider } from '../../infra/providers/kind/provider.ts';
import { chooseProvider } from '../../infra/provider.ts';
import { kindFixture } from '../../infra/testing/contract/kind-fixture.ts';
import { injectorContract } from '../trial/testing/injector-contract.ts';

const answer = await kindProvider.applies();
if (!answer.yes) test('the contract of injectors on kind', { skip: answer.reasons.join('; ') });
else if ((await chooseProvider(undefined)) === kindProvider)
  test('the contract of injectors on kind', { skip: 'contract.real.test.ts runs on kind here' });
else injectorContract('kind', (signal) => kindFixture.bringUp('contract', signal));
