import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FiredrillError } from '../../harness/core/errors.ts';
import { ownerOfName, ownName } from '../process/identity.ts';
import { takeLock } from '../process/lock.ts';
import { addressOf } from './address.ts';
import { prepareBuild } from './build.ts';
import { lockPath, publish, type BundleRecord } from './cache.ts';
import type { Bundle } from './component.ts';
import { download } from './download.ts';
import { findGo, oldestGoFor } from './go.ts';
import type { HostProbe } from './hosts.ts';
import { look } from './look.ts';
import { obstacleToDownload } from './obstacle.ts';
import type { QueueSlot } from './queue.ts';
import {
  estimateRemainingMs,
  timeShare,
  type OnProgress,
  type Phase,
  type ToolProgress,
} from './progress.ts';
import { withoutSecrets } from './release-host.ts';
import type { Settings } from './settings.ts';

const OPEN_THE_WAY =
  'Or open the way to its release host: HTTPS_PROXY, FIREDRILL_TOOLCHAIN_MIRRORS, NODE_EXTRA_CA_CERTS.';

/** What making a bundle needs to know. */
interface MakeRequest {
  readonly bundle: Bundle;
  /** Where the bundle will stand. */
  readonly folder: string;
  readonly settings: Settings;
  readonly modulesFolder: string;
  readonly hosts: HostProbe;
  /** The slot among the builds. One at a time: what two compile side by side, both compile, and they share most of it. */
  readonly slot: QueueSlot;
  /** Another slot, behind all others, for what was to be downloaded and could not be. */
  readonly rejoin: () => QueueSlot;
  readonly gogc: number;
  readonly niceness: number;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal | undefined;
}

/** A bundle that stands in the cache now. */
interface Made {
  readonly record: BundleRecord;
  /** False where another process had made it while we waited. */
  readonly fresh: boolean;
}

/**
 * Makes a bundle that the cache lacks: by download where that is allowed, pinned and reachable, otherwise by building.
 * One process makes it, all others wait for that one.
 */
export async function make(request: MakeRequest): Promise<Made> {
  const { bundle, folder, settings, signal } = request;
  const tell = teller(request);
  using _lock = await takeLock(lockPath(settings.cacheFolder, bundle.name), {
    signal,
    onWait: ({ pid }) => tell('waiting', `process ${pid} is making it`),
  });
  let scratch: string | undefined;
  try {
    const state = await look(bundle, folder, settings, 'quick', signal);
    if (state.kind === 'good') return { record: state.record, fresh: false };
    if (state.kind === 'corrupt')
      tell('verifying', `the cached copy is not used (${state.why}), making it again`);
    scratch = await createScratch(settings.cacheFolder);
    const { output, ...made } = await obtain(request, scratch, tell);
    const record = await publish(output, folder, bundle.tools, {
      bundle: bundle.name,
      version: bundle.version,
      ...made,
      madeAt: new Date().toISOString(),
    });
    return { record, fresh: true };
  } finally {
    if (scratch !== undefined) await rm(scratch, { recursive: true, force: true });
  }
}

interface Obtained extends Pick<BundleRecord, 'source' | 'origin' | 'releases'> {
  readonly output: string;
}

type Tell = (phase: Phase, message: string, figures?: Pick<ToolProgress, 'fraction' | 'remainingMs'>) => void;

function teller({ bundle, onProgress }: MakeRequest): Tell {
  const startedAt = performance.now();
  return (phase, message, figures = {}) => {
    const elapsedMs = Math.round(performance.now() - startedAt);
    onProgress({ bundle: bundle.name, tools: bundle.tools, phase, message, elapsedMs, ...figures });
  };
}

async function obtain(request: MakeRequest, scratch: string, tell: Tell): Promise<Obtained> {
  const { settings, bundle } = request;
  tell('probing', 'asking its release host');
  let obstacle = await obstacleToDownload(bundle, settings, request.hosts, request.signal);
  let { slot } = request;
  if (obstacle === undefined) {
    slot.leave();
    try {
      return await byTransfer(request, scratch, tell);
    } catch (error) {
      const broken = error instanceof FiredrillError && error.code === 'toolchain.download-failed';
      if (settings.mode !== 'auto' || !broken) throw error;
      obstacle = error.message;
      slot = request.rejoin();
      await rm(scratch, { recursive: true });
      await mkdir(scratch);
    }
  } else if (settings.mode === 'download') {
    throw new FiredrillError('toolchain.not-downloadable', `${bundle.name} ${bundle.version}: ${obstacle}`, {
      hint: `FIREDRILL_TOOLCHAIN=auto builds what cannot be downloaded. ${OPEN_THE_WAY}`,
    });
  }
  tell('probing', `${obstacle}; building it instead`);
  try {
    return await byCompiling({ ...request, slot }, scratch, tell);
  } catch (error) {
    if (!(error instanceof FiredrillError) || settings.mode !== 'auto') throw error;
    const message = `${bundle.name} ${bundle.version} could not be downloaded (${obstacle}) nor built: ${error.message}`;
    const hint = `${error.hint ?? 'See why it is not built.'} ${OPEN_THE_WAY}`;
    throw new FiredrillError(error.code, message, { hint, cause: error.cause });
  } finally {
    slot.leave();
  }
}

async function byTransfer(request: MakeRequest, scratch: string, tell: Tell): Promise<Obtained> {
  const { bundle, settings, signal } = request;
  const files = bundle.download ?? [];
  const startedAt = performance.now();
  const from = [...new Set(files.map(({ url }) => withoutSecrets(addressOf(url, bundle, settings))))];
  const place =
    from.length === 1 ? (from[0] ?? '') : `${from.length} files from ${new URL(from[0] ?? '').host}`;
  const { output, releases } = await download({
    bundle,
    files,
    settings,
    scratch,
    signal,
    onBytes: (received, total) => {
      const fraction = total === undefined ? 0 : received / total;
      const remainingMs = estimateRemainingMs(0, performance.now() - startedAt, fraction);
      tell('downloading', place, { fraction, remainingMs });
    },
  });
  return { output, source: 'download', releases };
}

async function byCompiling(request: MakeRequest, scratch: string, tell: Tell): Promise<Obtained> {
  const { bundle, settings, signal, slot } = request;
  const oldest = await oldestGoFor(join(request.modulesFolder, bundle.build.module, 'go.mod'));
  const go = await findGo(settings.environment, oldest, signal);
  const build = await prepareBuild({ ...request, ...settings, go, scratch });
  if (!slot.hasTurn()) {
    tell('waiting', 'fetching modules, then waiting for the builds before', {
      remainingMs: bundle.build.estimateMs,
    });
    await build.fetchModules();
  }
  await slot.turn(signal);
  const startedAt = performance.now();
  const onPackages = (count: number) => {
    const fraction = timeShare(bundle.build, count);
    const remainingMs = estimateRemainingMs(bundle.build.estimateMs, performance.now() - startedAt, fraction);
    tell('building', `from Go modules, ${count} packages compiled`, { fraction, remainingMs });
  };
  onPackages(0);
  const output = await build.compile(onPackages);
  return { output, source: 'build', origin: go.version };
}

/** A folder of this process; those of dead ones are swept. */
async function createScratch(cacheFolder: string): Promise<string> {
  const all = join(cacheFolder, 'scratch');
  await mkdir(all, { recursive: true });
  for (const name of await readdir(all)) {
    if (ownerOfName(name) === 'dead') await rm(join(all, name), { recursive: true, force: true });
  }
  const own = join(all, ownName());
  await mkdir(own);
  return own;
}
