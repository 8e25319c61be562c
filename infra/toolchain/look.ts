import { inspect, type BundleRecord, type CacheState } from './cache.ts';
import type { Bundle } from './component.ts';
import { toolsIn } from './download.ts';
import type { Settings } from './settings.ts';

/** As `inspect`; a download counts only where it was verified against what the table and the settings ask for now. */
export async function look(
  bundle: Bundle,
  folder: string,
  settings: Pick<Settings, 'architecture' | 'pinnedOnly'>,
  depth: 'quick' | 'thorough',
  signal?: AbortSignal,
): Promise<CacheState> {
  const state = await inspect(folder, bundle.tools, depth, signal);
  if (state.kind !== 'good' || state.record.source !== 'download') return state;
  const why = doubtOf(bundle, state.record, settings);
  return why === undefined ? state : { kind: 'corrupt', why };
}

function doubtOf(
  { download = [] }: Bundle,
  { releases = {} }: BundleRecord,
  { architecture, pinnedOnly }: Pick<Settings, 'architecture' | 'pinnedOnly'>,
): string | undefined {
  for (const file of download) {
    const pinned = file.checksums[architecture];
    for (const tool of toolsIn(file)) {
      const release = releases[tool];
      if (release === undefined) return `nothing says against what ${tool} was verified`;
      if (pinned !== undefined && release.digest !== `sha256:${pinned}`)
        return `${tool} is out of a file with another digest than the pinned one`;
      if (pinned === undefined && pinnedOnly)
        return `${tool} was verified by its publisher's list, which FIREDRILL_TOOLCHAIN_PINNED refuses`;
    }
  }
  return undefined;
}
