import { addressOf } from './address.ts';
import type { Bundle } from './component.ts';
import type { HostProbe } from './hosts.ts';
import type { Settings } from './settings.ts';

/** Why a bundle cannot be downloaded, in words; undefined where it can. */
export async function obstacleToDownload(
  bundle: Bundle,
  settings: Settings,
  hosts: HostProbe,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { mode, architecture, pinnedOnly } = settings;
  const { download: files = [] } = bundle;
  if (mode === 'build' || mode === 'cache') return `FIREDRILL_TOOLCHAIN=${mode}`;
  if (files.length === 0) return 'nobody publishes it';
  for (const { checksums, checksumUrl } of files) {
    if (checksums[architecture] !== undefined) continue;
    if (checksumUrl === undefined) return 'no checksum is pinned';
    if (pinnedOnly)
      return 'no checksum is pinned, and FIREDRILL_TOOLCHAIN_PINNED refuses that of its publisher';
    const { protocol, host } = new URL(addressOf(checksumUrl, bundle, settings));
    if (protocol !== 'https:')
      return `no checksum is pinned, and ${host} does not encrypt that of its publisher`;
  }
  for (const origin of originsOf(bundle, settings)) {
    const why = await hosts.obstacle(origin, signal);
    if (why !== undefined) return `${new URL(origin).host} cannot be reached: ${why}`;
  }
  return undefined;
}

/** The hosts that a bundle's files come from, as origins. */
export function originsOf(
  bundle: Bundle,
  settings: Pick<Settings, 'architecture' | 'mirrors'>,
): ReadonlySet<string> {
  const { download = [] } = bundle;
  return new Set(download.map(({ url }) => new URL(addressOf(url, bundle, settings)).origin));
}
