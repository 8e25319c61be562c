import { test } from 'node:test';
import { kindProvider } from '../../providers/kind/provider.ts';
import { ownClusters } from './own-clusters.ts';
import { providerContract } from './suite.ts';

const clusters = ownClusters(kindProvider);
const answer = await clusters.provider.applies();
if (answer.yes) providerContract(clusters);
else test('the provider kind', { skip: answer.reasons.join('; ') });
