import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import { ContainerEngine } from './engine.ts';
import { ENGINES, type EngineName, type KindSettings } from './settings.ts';

/** An engine that answers. */
export interface FoundEngine {
  readonly name: EngineName;
  readonly version: string;
}

export type EngineSearch =
  { readonly engine: FoundEngine } | { readonly engine?: undefined; readonly reasons: readonly string[] };

/** Asks an engine for its version; rejects where it does not answer. */
type AskEngine = (name: EngineName) => Promise<string>;

/** The first engine that answers. It is asked, not looked for: a client on the PATH has no server for that reason. */
export async function findEngine(
  settings: KindSettings,
  ask: AskEngine = (name) => new ContainerEngine(name).version(),
): Promise<EngineSearch> {
  const names = settings.engine === undefined ? ENGINES : [settings.engine];
  const answers = await Promise.all(
    names.map(async (name) => {
      try {
        return { engine: { name, version: await ask(name) } };
      } catch (error) {
        const hint = error instanceof FiredrillError && error.hint !== undefined ? ` (${error.hint})` : '';
        return { reason: `${messageOf(error)}${hint}` };
      }
    }),
  );
  for (const { engine } of answers) if (engine !== undefined) return { engine };
  return { reasons: answers.flatMap(({ reason }) => (reason === undefined ? [] : [reason])) };
}

/** @throws FiredrillError `kind.no-engine` */
export async function requireEngine(settings: KindSettings): Promise<FoundEngine> {
  const found = await findEngine(settings);
  if (found.engine !== undefined) return found.engine;
  throw new FiredrillError('kind.no-engine', `no container engine answers: ${found.reasons.join('; ')}`, {
    userError: true,
    hint: 'kind makes its nodes as containers; without an engine use --provider embedded (as root on Linux) or existing',
  });
}
