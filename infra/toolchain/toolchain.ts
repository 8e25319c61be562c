import { rm } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { FiredrillError } from '../../harness/core/errors.ts';
import { given } from '../../harness/core/given.ts';
import { lockPath, type BundleRecord, type CacheState } from './cache.ts';
import { clean, type Cleaned } from './clean.ts';
import type { Bundle, Tool } from './component.ts';
import { explainCache } from './cache-errors.ts';
import { createHostProbe, type HostProbe } from './hosts.ts';
import { look } from './look.ts';
import { ownFolder } from '../process/own-folder.ts';
import { takeLock } from '../process/lock.ts';
import { make } from './make.ts';
import { overridden } from './overrides.ts';
import { compilerGogc, usableMemory } from './compiler-memory.ts';
import type { OnProgress } from './progress.ts';
import { createQueue } from './queue.ts';
import { cacheKey, MODULES_FOLDER } from './recipe.ts';
import type { Settings } from './settings.ts';

/** What a tool chain works with; everything but the table is for tests to replace. */
interface ToolchainOptions {
  readonly bundles: readonly Bundle[];
  readonly settings: Settings;
  readonly modulesFolder?: string;
  readonly hosts?: HostProbe;
}

interface EnsureOptions {
  readonly onProgress?: OnProgress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A bundle and what the cache says about it. */
export interface Listed {
  readonly bundle: Bundle;
  readonly folder: string;
  readonly state: CacheState;
  /** Tools of it that the environment replaces, and by which path. */
  readonly overrides: ReadonlyMap<string, string>;
}

const LOWEST_PRIORITY = 19;

/** Finds, downloads or builds pinned tools. */
export class Toolchain<Name extends string = string> {
  readonly #bundles: readonly Bundle[];
  readonly #settings: Settings;
  readonly #modulesFolder: string;
  readonly #hosts: HostProbe;

  constructor(options: ToolchainOptions) {
    this.#bundles = options.bundles;
    this.#settings = options.settings;
    this.#modulesFolder = options.modulesFolder ?? MODULES_FOLDER;
    this.#hosts = options.hosts ?? createHostProbe(options.settings.environment);
  }

  /**
   * Makes sure that tools can be run, in this order for each: override, cache, download, build.
   *
   * With everything cached this takes some milliseconds; building everything takes minutes.
   *
   * @returns The tools by name
   * @throws FiredrillError with a code that starts with `toolchain.`; those of `ownFolder`; the signal's reason when it aborts. What was
   *   finished before stays in the cache.
   */
  async ensure<Wanted extends Name>(
    names: readonly Wanted[],
    options: EnsureOptions = {},
  ): Promise<Record<Wanted, Tool>> {
    try {
      return await this.#ensure(names, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      throw explainCache(error, this.#settings.cacheFolder);
    }
  }

  async #ensure(names: readonly string[], options: EnsureOptions): Promise<Record<string, Tool>> {
    const tools: Record<string, Tool> = {};
    ownFolder(this.#settings.cacheFolder, 'XDG_CACHE_HOME');
    const accept = (tool: Tool) => {
      tools[tool.name] = tool;
    };
    const wanted = new Set<string>(names);
    for (const name of wanted) {
      const path = this.#settings.overrides.get(name);
      if (path === undefined) continue;
      accept(await overridden(name, path, this.#settings.cacheFolder, options.signal));
      wanted.delete(name);
    }
    const missing: Listed[] = [];
    for (const bundle of this.#bundlesOf(wanted)) {
      const listed = await this.#look(bundle, 'quick', options.signal);
      if (listed.state.kind === 'good') {
        for (const tool of toolsOf(listed, listed.state.record, true))
          if (wanted.has(tool.name)) accept(tool);
      } else missing.push(listed);
    }
    this.#refuseWhatCannotBeMade(missing);
    await this.#makeAll(missing, options, (tool) => {
      if (wanted.has(tool.name)) accept(tool);
    });
    return tools;
  }

  /** Every bundle and whether it is in the cache; changes nothing. */
  async list(signal?: AbortSignal): Promise<readonly Listed[]> {
    return Promise.all(this.#bundles.map((bundle) => this.#look(bundle, 'quick', signal)));
  }

  /** Reads every cached binary in full. A damaged bundle is removed, so that the next `ensure` makes it again. */
  async verify(signal?: AbortSignal): Promise<readonly Listed[]> {
    const all: Listed[] = [];
    for (const bundle of this.#bundles) {
      const listed = await this.#look(bundle, 'thorough', signal);
      if (listed.state.kind === 'corrupt') await this.#discard(listed, signal);
      all.push(listed);
    }
    return all;
  }

  /**
   * Frees disk space: with `old` the bundles of this table stay, with `all` nothing does. Go's own caches are left to `go clean`.
   */
  async clean(scope: 'old' | 'all', signal?: AbortSignal): Promise<Cleaned> {
    const current = scope === 'all' ? [] : await this.list(signal);
    return clean(this.#settings.cacheFolder, new Set(current.map(({ folder }) => folder)), signal);
  }

  /** Removes a damaged bundle, unless somebody has made it anew meanwhile. */
  async #discard({ bundle, folder }: Listed, signal?: AbortSignal): Promise<void> {
    using _lock = await takeLock(lockPath(this.#settings.cacheFolder, bundle.name), { signal });
    const again = await this.#look(bundle, 'thorough', signal);
    if (again.state.kind === 'corrupt') await rm(folder, { recursive: true, force: true });
  }

  async #look(bundle: Bundle, depth: 'quick' | 'thorough', signal?: AbortSignal): Promise<Listed> {
    const { cacheFolder, architecture, overrides } = this.#settings;
    const folder = join(cacheFolder, bundle.name, await cacheKey(bundle, architecture, this.#modulesFolder));
    return {
      bundle,
      folder,
      state: await look(bundle, folder, this.#settings, depth, signal),
      overrides: new Map([...overrides].filter(([tool]) => bundle.tools.includes(tool))),
    };
  }

  #bundlesOf(names: ReadonlySet<string>): readonly Bundle[] {
    const bundles = this.#bundles.filter((bundle) => bundle.tools.some((tool) => names.has(tool)));
    const known = new Set(bundles.flatMap((bundle) => bundle.tools));
    const unknown = [...names].filter((name) => !known.has(name));
    if (unknown.length === 0) return bundles;
    throw new FiredrillError('toolchain.tool-unknown', `No such tool: ${unknown.join(', ')}`, {
      hint: `There are ${this.#bundles.flatMap((bundle) => bundle.tools).join(', ')}.`,
    });
  }

  #refuseWhatCannotBeMade(missing: readonly Listed[]): void {
    if (this.#settings.mode !== 'cache' || missing.length === 0) return;
    const names = missing.map(({ bundle }) => `${bundle.name} ${bundle.version}`).join(', ');
    throw new FiredrillError(
      'toolchain.not-cached',
      `Not in the cache ${this.#settings.cacheFolder}, and FIREDRILL_TOOLCHAIN=cache forbids anything else: ${names}`,
      {
        hint: `Run "firedrill toolchain get ${missing.map(({ bundle }) => bundle.tools[0]).join(' ')}" once without FIREDRILL_TOOLCHAIN.`,
      },
    );
  }

  async #makeAll(
    missing: readonly Listed[],
    options: EnsureOptions,
    accept: (tool: Tool) => void,
  ): Promise<void> {
    const stop = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
    const gogc = compilerGogc(usableMemory(totalmem(), process.constrainedMemory()));
    const builds = createQueue();
    const making = missing.map(async (listed, index) => {
      const slot = builds.join();
      try {
        const made = await make({
          bundle: listed.bundle,
          folder: listed.folder,
          settings: this.#settings,
          modulesFolder: this.#modulesFolder,
          hosts: this.#hosts,
          slot,
          rejoin: () => builds.join(),
          gogc,
          niceness: Math.min(LOWEST_PRIORITY, index * 3),
          onProgress: (progress) => options.onProgress?.(progress),
          signal,
        });
        for (const tool of toolsOf(listed, made.record, !made.fresh)) accept(tool);
      } catch (error) {
        // One that fails stops the others, and all are waited for, so that nothing of ours runs on after the error.
        stop.abort(error);
      } finally {
        slot.leave();
      }
    });
    await Promise.all(making);
    signal.throwIfAborted();
  }
}

function toolsOf({ bundle, folder }: Listed, record: BundleRecord, cached: boolean): Tool[] {
  return bundle.tools.map((name) => ({
    name,
    path: join(folder, name),
    version: record.version,
    digest: `sha256:${record.binaries[name]?.sha256 ?? ''}`,
    source: record.source,
    ...given({ release: record.releases?.[name] }),
    cached,
  }));
}
