import { DRAIN_MS, GRACE_MS, integerOf, log, requiredOf, runUntilTold } from './lifecycle.ts';
import { startWeb } from './web.ts';

const { env } = process;
runUntilTold(() =>
  startWeb({
    port: integerOf(env, 'PORT', 8080),
    catalogue: {
      host: requiredOf(env, 'CATALOGUE_HOST'),
      port: integerOf(env, 'CATALOGUE_PORT', 80),
    },
    drainMs: integerOf(env, 'DRAIN_MS', DRAIN_MS),
    graceMs: GRACE_MS,
    onError: (error) => log({ event: 'error', error: String(error) }),
  }),
).catch((error: unknown) => {
  log({ event: 'crash', error: String(error) });
  process.exit(1);
});
