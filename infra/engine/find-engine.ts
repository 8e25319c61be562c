import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import { ContainerEngine } from './engine.ts';
import { ENGINES, type EngineName } from './engine-names.ts';

/** Which engines may be asked. */
interface EngineSettings {
  /** The only one; absent: each, in the order of `ENGINES`. */
  readonly engine?: EngineName;
}

/** An engine that answers. */
export interface FoundEngine {
  readonly name: EngineName;
  readonly version: string;
}

export type EngineSearch<Found = FoundEngine> =
  { readonly engine: Found } | { readonly engine?: undefined; readonly reasons: readonly string[] };

/** The first engine that answers. It is asked, not looked for: a client on the PATH has no server for that reason. */
export function findEngine(settings: EngineSettings, env: NodeJS.ProcessEnv): Promise<EngineSearch> {
  return firstEngine(settings, async (name) => ({
    name,
    version: await new ContainerEngine(name, env).version(),
  }));
}

/**
 * The first engine of which what is needed can be had.
 * @param ask rejects where it cannot; its error is the reason
 */
export async function firstEngine<Found extends object>(
  { engine: only }: EngineSettings,
  ask: (name: EngineName) => Promise<Found>,
): Promise<EngineSearch<Found>> {
  const answers = await Promise.all(
    (only === undefined ? ENGINES : [only]).map(async (name) => {
      try {
        return { engine: await ask(name) };
      } catch (error) {
        const hint = error instanceof FiredrillError && error.hint !== undefined ? ` (${error.hint})` : '';
        return { reason: `${messageOf(error)}${hint}` };
      }
    }),
  );
  for (const { engine } of answers) if (engine !== undefined) return { engine };
  return { reasons: answers.flatMap(({ reason }) => (reason === undefined ? [] : [reason])) };
}

/**
 * Why no engine is of use, in the same words whoever needs one.
 * @param hint what is to be done without one
 */
export function noEngine(reasons: readonly string[], hint: string): FiredrillError {
  return new FiredrillError('engine.none', `no container engine answers: ${reasons.join('; ')}`, { hint });
}
