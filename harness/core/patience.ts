/**
 * How much longer than an idle machine of two cores this one may take, 1 at least. The first program of a command measures it at its start
 * (`ci/bootstrap.mjs`), or is told by `FIREDRILL_PATIENCE`, and hands it to all that it starts.
 */
export const PATIENCE = patienceOf(process.env['FIREDRILL_PATIENCE']);

/** The factor that a text says; 1 where it says none. */
export function patienceOf(text = '1'): number {
  return Math.max(1, Number(text) || 1);
}

/**
 * A limit of time as it holds on this machine, for what takes as long as the machine needs for it: in whole milliseconds, as Node wants them.
 * What is measured or judged has limits of its own, which are the same everywhere.
 */
export function patient(ms: number, patience = PATIENCE): number {
  return Math.round(ms * patience);
}
