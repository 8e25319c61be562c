import { bringUpLab } from './lab-cluster.ts';
import { serveSharedFixture } from './shared-fixture.ts';

await serveSharedFixture(bringUpLab);
