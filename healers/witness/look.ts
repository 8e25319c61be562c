import type { Clock } from '../../harness/core/clock.ts';
import { askUrl, socketsRead } from './ask-url.ts';
import type { LookAt } from './view.ts';
import { keepVigil } from './vigil.ts';

/** Keeps vigils from the node that this process runs on. */
export function lookAt(clock: Clock): LookAt {
  return async (question, signal) =>
    await keepVigil(question, { ask: askUrl, clock, drained: socketsRead }, signal);
}
