import { test } from 'node:test';
import { kindProvider } from '../../providers/kind/provider.ts';
import { kindFixture } from './kind-fixture.ts';
import { providerContract } from './suite.ts';

const answer = await kindProvider.applies();
if (answer.yes) providerContract(kindFixture);
else test('the provider kind', { skip: answer.reasons.join('; ') });
