import { bringUpApiServer } from '../kube/testing/shared-api-server.ts';
import { serveSharedFixture } from './shared-fixture.ts';

await serveSharedFixture(bringUpApiServer);
