import { copyFileSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { run } from '../../infra/process/run.ts';
import { makeTemporaryFolder } from '../../infra/process/temporary-folder.ts';
import { fillIn } from '../../infra/toolchain/address.ts';
import type { Bundle, ReleaseFile, Tool } from '../../infra/toolchain/component.ts';
import { BUNDLES, TOOL_NAMES, TOOLS_ON_REQUEST } from '../../infra/toolchain/components.ts';
import { digestOf } from '../../infra/toolchain/digest.ts';
import { overrideVariable, readSettings } from '../../infra/toolchain/settings.ts';
import { startReleaseServer } from '../../infra/toolchain/testing/release-server.ts';
import { Toolchain } from '../../infra/toolchain/toolchain.ts';
import type { Bench } from './bench.ts';
import { runOfScenarios } from './scenario-run.ts';

const NEEDED: readonly string[] = TOOL_NAMES.filter((name) => !TOOLS_ON_REQUEST.includes(name));
const NEEDED_BUNDLES = BUNDLES.filter(({ tools }: Bundle) => tools.some((tool) => NEEDED.includes(tool)));

/** What a first run takes beside the transfer: its files come from the loopback. */
export const firstRuns: readonly Bench[] = [
  {
    what:
      'every tool into an empty cache from a release server on the loopback, whose files are made of the tools of this machine; ' +
      'then npm test with one fault and nothing else cached: images, disk, cluster, verdict; and both together',
    figures: {
      'first-run-megabytes': { unit: 'MB' },
      'first-run-tools': { unit: 's' },
      'first-run-trial': { unit: 's' },
      'first-run': { unit: 's', target: '<= 90 s' },
    },
    ...{ runs: 1, long: true },
    async *measure(_, signal) {
      for (;;) {
        const folder = makeTemporaryFolder('firedrill-first-run-');
        try {
          const { tools, seconds, megabytes } = await downloadAll(folder, signal);
          const trial = await runOfScenarios(['scenarios/node-loss', '-g', 'loss of a node'], signal, {
            XDG_CACHE_HOME: join(folder, 'others'),
            // Those that have just come, which another table has checksums of than that of a run.
            ...Object.fromEntries(tools.map(({ name, path }) => [overrideVariable(name), path])),
          });
          yield {
            'first-run-megabytes': megabytes,
            'first-run-tools': seconds,
            'first-run-trial': trial.seconds,
            'first-run': seconds + trial.seconds,
          };
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      }
    },
  },
];

interface Downloads {
  readonly tools: readonly Tool[];
  readonly seconds: number;
  readonly megabytes: number;
}

async function downloadAll(folder: string, signal: AbortSignal): Promise<Downloads> {
  const settings = readSettings(TOOL_NAMES, process.env);
  const cached = await new Toolchain({ bundles: BUNDLES, settings }).ensure(NEEDED, { signal });
  const files: Record<string, string> = {};
  const bundles: Bundle[] = [];
  for (const bundle of NEEDED_BUNDLES as readonly Bundle[]) {
    const download: ReleaseFile[] = [];
    for (const file of bundle.download ?? []) {
      const url = fillIn(file.url, bundle, settings.architecture);
      const path = await releaseFile(join(folder, 'releases', bundle.name), file, bundle, cached, signal);
      files[`/${new URL(url).host}${new URL(url).pathname}`] = path;
      download.push({ ...file, checksums: { [settings.architecture]: await digestOf(path) } });
    }
    bundles.push({ ...bundle, download });
  }
  await using server = await startReleaseServer(files);
  const mirrors = ['github.com', 'dl.k8s.io'].map((host) => `${host}=${server.origin}/${host}`);
  const environment = {
    ...process.env,
    XDG_CACHE_HOME: join(folder, 'tools'),
    FIREDRILL_TOOLCHAIN: 'download',
    FIREDRILL_TOOLCHAIN_MIRRORS: mirrors.join(','),
  };
  const empty = new Toolchain({ bundles, settings: readSettings([], environment) });
  const startedMs = performance.now();
  const tools = Object.values(await empty.ensure(NEEDED, { signal }));
  const seconds = (performance.now() - startedMs) / 1000;
  const bytes = Object.values(files).reduce((sum, path) => sum + statSync(path).size, 0);
  return { tools, seconds, megabytes: bytes / 1e6 };
}

/** A file as the publisher's, with our programs in it: an archive, or the program itself. */
async function releaseFile(
  folder: string,
  { url, holds }: ReleaseFile,
  bundle: Bundle,
  tools: Readonly<Record<string, Tool>>,
  signal: AbortSignal,
): Promise<string> {
  if (typeof holds === 'string') return tools[holds]?.path ?? '';
  const { architecture } = readSettings([], {});
  const members = Object.entries(holds).map(([tool, template]) => {
    const member = fillIn(template, bundle, architecture);
    mkdirSync(dirname(join(folder, member)), { recursive: true });
    copyFileSync(tools[tool]?.path ?? '', join(folder, member));
    return member;
  });
  const archive = join(folder, basename(fillIn(url, bundle, architecture)));
  await run('tar', ['-czf', archive, '-C', folder, '--', ...members], { signal });
  return archive;
}
