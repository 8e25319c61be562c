import {
  DRAIN_MS,
  GRACE_MS,
  integerFromEnvironment,
  log,
  requiredFromEnvironment,
  runUntilTold,
} from './lifecycle.ts';
import { startWeb } from './web.ts';

runUntilTold(() =>
  startWeb({
    port: integerFromEnvironment('PORT', 8080),
    catalogue: {
      host: requiredFromEnvironment('CATALOGUE_HOST'),
      port: integerFromEnvironment('CATALOGUE_PORT', 80),
    },
    drainMs: integerFromEnvironment('DRAIN_MS', DRAIN_MS),
    graceMs: GRACE_MS,
    onError: (error) => log({ event: 'error', error: String(error) }),
  }),
).catch((error: unknown) => {
  log({ event: 'crash', error: String(error) });
  process.exit(1);
});
