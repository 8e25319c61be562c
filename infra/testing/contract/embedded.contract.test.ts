import { embeddedFixture } from './embedded-fixture.ts';
import { providerContract } from './suite.ts';

providerContract(embeddedFixture);
