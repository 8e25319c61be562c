import type { FiredrillError } from '../../harness/core/errors.ts';
import type { Engine } from './engine.ts';
import { isNotPulled } from './not-pulled.ts';

const unpullable = new Map<string, FiredrillError>();

/** What could not be pulled is not asked for again by this process: the wait for a registry that is not there may be long. */
export async function pullOnce(engine: Engine, reference: string, signal?: AbortSignal): Promise<void> {
  const known = unpullable.get(reference);
  if (known !== undefined) throw known;
  try {
    await engine.pull(reference, signal);
  } catch (error) {
    if (isNotPulled(error)) unpullable.set(reference, error);
    throw error;
  }
}
