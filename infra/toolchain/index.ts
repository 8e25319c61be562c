import type { Tool } from './component.ts';
import { BUNDLES, TOOL_NAMES, type ToolName } from './components.ts';
import { readSettings } from './settings.ts';
import { Toolchain, type EnsureOptions } from './toolchain.ts';

export type { Tool, ToolSource } from './component.ts';
export { TOOL_NAMES, type ToolName } from './components.ts';
export { activityOf } from './progress.ts';
export type { OnProgress, Phase, ToolProgress } from './progress.ts';
export type { EnsureOptions } from './toolchain.ts';

/** The tool chain of the pinned table, with the settings of an environment. */
export function openToolchain(environment: NodeJS.ProcessEnv = process.env): Toolchain {
  return new Toolchain({ bundles: BUNDLES, settings: readSettings(TOOL_NAMES, environment) });
}

/**
 * Makes sure that pinned tools can be run: from an override, the cache, a download or a build.
 *
 * With everything cached this takes some milliseconds; building everything takes minutes, so a caller passes
 * `onReady` and starts with what is there.
 *
 * @throws FiredrillError with a code that starts with `toolchain.`
 */
export async function ensureTools<Name extends ToolName>(
  names: readonly Name[],
  options: EnsureOptions & { readonly environment?: NodeJS.ProcessEnv } = {},
): Promise<Record<Name, Tool>> {
  const tools: Partial<Record<string, Tool>> = await openToolchain(options.environment).ensure(
    names,
    options,
  );
  return tools as Record<Name, Tool>;
}
