import { bringUpApiServer } from '../kube/testing/shared-api-server.ts';
import { serveSurroundings } from './surroundings.ts';

await serveSurroundings(bringUpApiServer);
