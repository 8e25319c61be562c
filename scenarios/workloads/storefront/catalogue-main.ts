import { startCatalogue } from './catalogue.ts';
import { DRAIN_MS, GRACE_MS, integerOf, log, runUntilTold } from './lifecycle.ts';

const { env } = process;
runUntilTold(() =>
  startCatalogue({
    port: integerOf(env, 'PORT', 8080),
    drainMs: integerOf(env, 'DRAIN_MS', DRAIN_MS),
    graceMs: GRACE_MS,
    onError: (error) => log({ event: 'error', error: String(error) }),
  }),
).catch((error: unknown) => {
  log({ event: 'crash', error: String(error) });
  process.exit(1);
});
