import { existingFixture } from './existing-fixture.ts';
import { providerContract } from './suite.ts';

providerContract(existingFixture);
