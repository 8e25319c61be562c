import { startCatalogue } from './catalogue.ts';
import { DRAIN_MS, GRACE_MS, integerFromEnvironment, log, runUntilTold } from './lifecycle.ts';

runUntilTold(() =>
  startCatalogue({
    port: integerFromEnvironment('PORT', 8080),
    drainMs: integerFromEnvironment('DRAIN_MS', DRAIN_MS),
    graceMs: GRACE_MS,
    onError: (error) => log({ event: 'error', error: String(error) }),
  }),
).catch((error: unknown) => {
  log({ event: 'crash', error: String(error) });
  process.exit(1);
});
