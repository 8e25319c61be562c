import type { Clock } from '../core/clock.ts';
import type { EntryBody } from '../core/journal/journal.ts';

const TICK_MS = 50;
/** Below this a late timer cannot change any figure that we print. */
const LAG_WORTH_TELLING_MS = 50;
const STEP_WORTH_TELLING_MS = 20;

/**
 * Watches the harness itself: timers that come late (no CPU, or the machine was suspended) and steps of the wall
 * clock. Writes an entry for each; returns the way to stop.
 */
export function watchSelf(append: (body: EntryBody) => void, clock: Clock): () => void {
  let last = clock.now();
  const timer = setInterval(() => {
    const now = clock.now();
    const passedMs = now.monoMs - last.monoMs;
    const lateMs = passedMs - TICK_MS;
    if (lateMs > LAG_WORTH_TELLING_MS) append({ kind: 'harness.lag', lateMs: Math.round(lateMs) });
    const steppedMs = now.wallMs - last.wallMs - passedMs;
    if (Math.abs(steppedMs) > STEP_WORTH_TELLING_MS)
      append({ kind: 'clock.step', steppedMs: Math.round(steppedMs) });
    last = now;
  }, TICK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
