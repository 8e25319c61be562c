import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { diskCache } from '../../../infra/providers/embedded/golden-disk.ts';
import { embeddedRequirements } from '../../../infra/providers/embedded/requirements.ts';
import {
  allocatedBytes,
  diskHeadroom,
  gib,
  memoryHeadroom,
  USUAL_GOLDEN_DISK_BYTES,
  type Headroom,
} from '../../../infra/supervisor/headroom.ts';
import { askProviders, providersOf } from '../../../infra/provider.ts';
import { clustersRoot } from '../../../infra/supervisor/cluster-directory.ts';
import { surveyToolchain, type Surveyed } from '../../../infra/toolchain/survey.ts';
import { cacheRoot } from '../../../infra/toolchain/settings.ts';
import { findSystemPrograms, SYSTEM_PROGRAMS } from '../../../infra/toolchain/system.ts';
import { PATIENCE } from '../../core/patience.ts';
import { DEFAULT_OPTIONS } from '../../stage/options.ts';
import { optionsOf, print, type Verb } from './verb.ts';
import { asTyped } from '../../core/installation.ts';

/** The workers of a usual run, and the node for monitoring, load and probe. */
const USUAL_NODES = DEFAULT_OPTIONS.cluster.workers + 1;
const TOOLS_DISK_BYTES = 10e9;

/** Not worth a mark of its own: whatever the speed is, everything works. */
const PATIENCE_LINE: Surveyed = {
  name: 'limits of time',
  ok: true,
  found: `${PATIENCE} times those of an idle machine of two cores (FIREDRILL_PATIENCE)`,
};

/** Says what this machine can do, and what is missing. */
export const doctor: Verb = {
  name: 'doctor',
  summary: 'check what this machine can do, and say what is missing',
  help: `firedrill doctor [--json]

Looks, and changes nothing: kernel and rights, room for a usual cluster of ${USUAL_NODES} nodes, programs of the distribution, the
tools in the cache, Go, and whether release hosts and module proxy answer (2 s at most). What is marked with - is
missing and not needed for what the other lines say.

Exit code 0 where at least one provider can make a cluster here, 1 where none can.
`,
  async run(args, context) {
    const { values } = optionsOf('doctor', args, { json: { type: 'boolean', default: false } });
    const requirements = embeddedRequirements();
    const [providers, programs, toolchain] = await Promise.all([
      askProviders(providersOf(context.env)),
      surveyPrograms(context.env),
      surveyToolchain(context.env, context.signal),
    ]);
    const room = surveyRoom(
      context.env,
      toolchain.tools.every((tool) => tool.ok),
    );
    const needed = toolchain.obtainable ? '-' : '✗';
    const lines = [
      'embedded needs:',
      ...[...requirements, ...room, PATIENCE_LINE].map((one) => lineOf(one, '✗')),
      'programs of the distribution (missing ones are installed by the first run, as root on Debian and relatives):',
      ...programs.map((one) => lineOf(one, '✗')),
      `tools (${toolchain.obtainable ? 'all there, or to be had' : 'not all there, and not to be had from here'}):`,
      ...[...toolchain.tools, toolchain.go, ...toolchain.network].map((one) => lineOf(one, needed)),
      'providers:',
      ...providers.map(({ provider, applies, reasons }) =>
        lineOf({ name: provider, ok: applies, found: reasons.join('; ') || 'can be used' }, '✗'),
      ),
    ];
    print(context, values.json, { requirements, room, programs, toolchain, providers }, lines);
    const possible = toolchain.obtainable && room.every((one) => one.ok);
    return possible && providers.some((provider) => provider.applies) ? 0 : 1;
  },
};

function lineOf({ name, ok, found, remedy }: Surveyed, missing: string): string {
  return `  ${ok ? '✓' : missing} ${name.padEnd(20)} ${found}${ok || remedy === undefined ? '' : `; next: ${asTyped(remedy)}`}`;
}

function surveyRoom(env: NodeJS.ProcessEnv, toolsAreCached: boolean): readonly Surveyed[] {
  const memory = memoryHeadroom(USUAL_NODES);
  const disk = diskHeadroom(clustersRoot(env), USUAL_NODES, largestGoldenDisk(env));
  return [
    roomLine(
      'available memory',
      `${USUAL_NODES} nodes`,
      memory,
      'end other programs, or ask for fewer nodes',
    ),
    roomLine('free disk', `${USUAL_NODES} nodes`, disk, 'free some space, or set FIREDRILL_STATE_DIR'),
    ...(toolsAreCached ? [] : [toolsRoom(env)]),
  ];
}

/** What building every tool takes once, with the caches of Go. */
function toolsRoom(env: NodeJS.ProcessEnv): Surveyed {
  const { availableBytes } = diskHeadroom(cacheRoot(env), 0, 0);
  const room = { neededBytes: TOOLS_DISK_BYTES, availableBytes };
  return roomLine('free disk of cache', 'building the tools', room, 'free some space, or set XDG_CACHE_HOME');
}

function roomLine(name: string, forWhat: string, room: Headroom, remedy: string): Surveyed {
  const { neededBytes, availableBytes } = room;
  const found = `${gib(availableBytes)}; ${forWhat}: ${gib(neededBytes)} needed`;
  return { name, ok: availableBytes >= neededBytes, found, remedy };
}

/** The disk that a node of a usual run begins with, or the estimate where none was made yet. */
function largestGoldenDisk(env: NodeJS.ProcessEnv): number {
  const folder = diskCache(env);
  const disks = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.img')) : [];
  const sizes = disks.map((name) => allocatedBytes(join(folder, name)));
  return sizes.length > 0 ? Math.max(...sizes) : USUAL_GOLDEN_DISK_BYTES;
}

async function surveyPrograms(environment: NodeJS.ProcessEnv): Promise<readonly Surveyed[]> {
  const names = Object.keys(SYSTEM_PROGRAMS) as (keyof typeof SYSTEM_PROGRAMS)[];
  const found = await findSystemPrograms(names, { environment });
  return names.map((name) => ({
    name,
    ok: found[name] !== undefined,
    found: found[name] ?? 'missing',
    remedy: `apt-get install ${SYSTEM_PROGRAMS[name]}`,
  }));
}
