import { join } from 'node:path';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import type { Bundle } from './component.ts';
import { BUNDLES, TOOLS_ON_REQUEST } from './components.ts';
import { findGo, isNewEnough, oldestGoFor, type Go } from './go.ts';
import { createHostProbe, type HostProbe } from './hosts.ts';
import { openToolchain, settingsOf } from './index.ts';
import { obstacleToDownload, originsOf } from './obstacle.ts';
import { MODULES_FOLDER } from './recipe.ts';
import { execute } from '../process/run.ts';

/** One thing that was looked at, and what was found. */
export interface Surveyed {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  /** What to do when it is missing. */
  readonly remedy?: string | undefined;
}

/** What to do about a host that does not answer. */
const REMEDIES = {
  'release host':
    'set HTTPS_PROXY, or FIREDRILL_TOOLCHAIN_MIRRORS to a mirror of it; NODE_EXTRA_CA_CERTS names a file of authorities to be trusted, too',
  'module proxy': 'set HTTPS_PROXY, or GOPROXY to one that answers',
} as const;

/** How a machine stands with the programs that Firedrill brings; nothing is made or fetched. */
export interface Survey {
  /** Every bundle that a run needs, whether it is in the cache. */
  readonly tools: readonly Surveyed[];
  readonly go: Surveyed;
  /** Release hosts and the module proxy, as far as FIREDRILL_TOOLCHAIN lets them be asked. */
  readonly network: readonly Surveyed[];
  /** What stands for having those that are missing, or in the way of that: nothing that FIREDRILL_TOOLCHAIN rules out. */
  readonly ways: readonly Surveyed[];
  /** How those that are missing would come: all by download, or some by building. */
  readonly way: 'downloading' | 'building';
  /** Whether all tools are there or there is a way to have them. */
  readonly obtainable: boolean;
}

/** Looks at cache, Go and network; a host that does not answer costs two seconds once, all of them at the same time. */
export async function surveyToolchain(
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
  hosts: HostProbe = createHostProbe(environment),
): Promise<Survey> {
  const settings = settingsOf(environment);
  const [tools, [go, found]] = await Promise.all([
    surveyCache(environment, signal),
    surveyGo(environment, signal),
  ]);
  const mayBuild = settings.mode === 'auto' || settings.mode === 'build';
  const mayDownload = settings.mode === 'auto' || settings.mode === 'download';
  const proxies = found === undefined || !mayBuild ? [] : await moduleProxies(found, environment, signal);
  const bundles: readonly Bundle[] = BUNDLES;
  const origins = mayDownload ? new Set(bundles.flatMap((bundle) => [...originsOf(bundle, settings)])) : [];
  const ask = async (origin: string, what: keyof typeof REMEDIES): Promise<Surveyed> => {
    const why = await hosts.obstacle(origin, signal);
    const { host } = new URL(origin);
    return why === undefined
      ? { name: what, ok: true, found: `${host} answers` }
      : { name: what, ok: false, found: `${host} cannot be reached: ${why}`, remedy: REMEDIES[what] };
  };
  const [releases, modules] = await Promise.all([
    Promise.all([...origins].map((origin) => ask(origin, 'release host'))),
    Promise.all(proxies.map((origin) => ask(origin, 'module proxy'))),
  ]);
  const missing = bundles.filter(({ name }) => tools.some((tool) => tool.name === name && !tool.ok));
  const obstacles = await Promise.all(
    missing.map((bundle) => obstacleToDownload(bundle, settings, hosts, signal)),
  );
  const way = obstacles.every((obstacle) => obstacle === undefined) ? 'downloading' : 'building';
  // A proxy may be a folder, or the modules may be there already: only a proxy that is silent stands in the way.
  const buildable = mayBuild && go.ok && (modules.length === 0 || modules.some((proxy) => proxy.ok));
  const network = [...releases, ...modules];
  return {
    tools,
    go,
    network,
    ways: settings.mode === 'cache' ? [onlyCache(missing.length)] : [...(mayBuild ? [go] : []), ...network],
    way,
    obtainable: way === 'downloading' || buildable,
  };
}

function onlyCache(missing: number): Surveyed {
  return {
    name: 'FIREDRILL_TOOLCHAIN',
    ok: missing === 0,
    found: `cache: nothing is fetched or built, and ${missing} of the tools are missing`,
    remedy: 'unset it, at least for one `firedrill toolchain get`',
  };
}

/** Every bundle that a run needs, whether it is in the cache. */
export async function surveyCache(
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<readonly Surveyed[]> {
  const listed = await openToolchain(environment).list(signal);
  return listed
    .filter(({ bundle }) => !bundle.tools.every((tool) => TOOLS_ON_REQUEST.some((name) => name === tool)))
    .map(({ bundle, state, overrides }): Surveyed => {
      const replaced = bundle.tools.every((tool) => overrides.has(tool));
      const found = replaced ? 'replaced by the environment' : state.kind === 'good' ? 'cached' : state.kind;
      return {
        name: bundle.name,
        ok: replaced || state.kind === 'good',
        found: `${bundle.version} ${found}`,
        remedy: 'firedrill toolchain get (the first run does it, too)',
      };
    });
}

async function surveyGo(
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<readonly [Surveyed, Go | undefined]> {
  const modules = [...new Set(BUNDLES.map((bundle) => bundle.build.module))];
  const wanted = await Promise.all(
    modules.map((module) => oldestGoFor(join(MODULES_FOLDER, module, 'go.mod'))),
  );
  const oldest = wanted.reduce((one, other) => (isNewEnough(`go${one}`, other) ? one : other));
  try {
    const go = await findGo(environment, oldest, signal);
    return [{ name: 'Go', ok: true, found: `${go.version} at ${go.path}; ${oldest} is needed` }, go];
  } catch (error) {
    if (!(error instanceof FiredrillError)) throw error;
    return [{ name: 'Go', ok: false, found: messageOf(error), remedy: error.hint }, undefined];
  }
}

/** Where Go asks for modules over the network. */
async function moduleProxies(go: Go, environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<string[]> {
  const { output } = await execute(go.path, ['env', 'GOPROXY'], { env: environment, signal, group: true });
  const urls = output
    .trim()
    .split(/[,|]/)
    .filter((entry) => /^https?:/.test(entry));
  // The origin alone: an address may carry a password.
  return [...new Set(urls.map((url) => new URL(url).origin))];
}
