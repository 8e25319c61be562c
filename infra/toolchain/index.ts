import { BUNDLES, TOOL_NAMES, type ToolName } from './components.ts';
import { readSettings } from './settings.ts';
import { Toolchain } from './toolchain.ts';

export type { Tool } from './component.ts';
export type { ToolName } from './components.ts';
export { activityOf } from './progress.ts';
export type { OnProgress } from './progress.ts';
export type { Toolchain } from './toolchain.ts';

/** The tool chain of the pinned table, with the settings of an environment. */
export function openToolchain(env: NodeJS.ProcessEnv): Toolchain<ToolName> {
  return new Toolchain({ bundles: BUNDLES, settings: readSettings(TOOL_NAMES, env) });
}
