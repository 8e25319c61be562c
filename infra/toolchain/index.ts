import { FiredrillError } from '../../harness/core/errors.ts';
import type { Bundle } from './component.ts';
import { BUNDLES, TOOL_NAMES, type ToolName } from './components.ts';
import { readSettings, type Settings } from './settings.ts';
import { Toolchain } from './toolchain.ts';

export type { Tool } from './component.ts';
export type { ToolName } from './components.ts';
export { activityOf } from './progress.ts';
export type { OnProgress } from './progress.ts';
export type { Toolchain } from './toolchain.ts';

/** The tool chain of the pinned table, with the settings of an environment. */
export function openToolchain(env: NodeJS.ProcessEnv): Toolchain<ToolName> {
  return new Toolchain({ bundles: BUNDLES, settings: settingsOf(env) });
}

/**
 * The settings of an environment for the pinned table.
 * @throws FiredrillError those of `readSettings`, and `toolchain.bad-mirror` for the mirror of a host that no release comes from: it would count for nothing
 */
export function settingsOf(env: NodeJS.ProcessEnv): Settings {
  const settings = readSettings(TOOL_NAMES, env);
  const bundles: readonly Bundle[] = BUNDLES;
  const urls = bundles.flatMap(({ download = [] }) => download.map(({ url }) => url));
  const hosts = new Set(urls.map((url) => new URL(url).host));
  const unknown = [...settings.mirrors.keys()].filter((host) => !hosts.has(host));
  if (unknown.length > 0)
    throw new FiredrillError(
      'toolchain.bad-mirror',
      `FIREDRILL_TOOLCHAIN_MIRRORS: no release comes from ${unknown.join(', ')}`,
      { hint: `There are releases from ${[...hosts].join(' and ')}.` },
    );
  return settings;
}
