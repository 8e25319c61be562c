import { FiredrillError } from '../../../harness/core/errors.ts';
import { clustersRoot } from '../../supervisor/cluster-directory.ts';
import { diskHeadroom, gib, memoryHeadroom, type Headroom } from '../../supervisor/headroom.ts';
import { whyNoFolder } from '../../process/why-no-folder.ts';
import { cacheRoot } from '../../toolchain/settings.ts';
import { surveyCache, surveyToolchain, type Survey, type Surveyed } from '../../toolchain/survey.ts';
import {
  findSystemPrograms,
  obstacleToInstall,
  SYSTEM_PROGRAMS,
  type SystemOptions,
} from '../../toolchain/system.ts';
import { loopbackPort, networkFeatures } from './network-features.ts';
import { embeddedRequirements } from './requirements.ts';

/** What every tool takes once: built, with the caches of Go; or downloaded, with the archives. */
const TOOLS_DISK_BYTES = { building: 10e9, downloading: 2e9 };

/** How a machine stands with what an embedded cluster needs; nothing is made or fetched. */
interface MachineSurvey {
  readonly requirements: readonly Surveyed[];
  /** The folders that are written, memory and disk for so many nodes. */
  readonly room: readonly Surveyed[];
  /** Programs of the distribution. */
  readonly programs: readonly Surveyed[];
}

/**
 * Looks at this machine, in well under 0.1 s.
 * @param system Where programs are looked for besides the PATH; default: where distributions keep what is for root
 */
export async function surveyMachine(
  environment: NodeJS.ProcessEnv,
  nodes: number,
  signal: AbortSignal,
  system: Pick<SystemOptions, 'rootFolders'> = {},
): Promise<MachineSurvey> {
  const names = Object.keys(SYSTEM_PROGRAMS) as (keyof typeof SYSTEM_PROGRAMS)[];
  const [found, port] = await Promise.all([
    findSystemPrograms(names, { environment, ...system }),
    loopbackPort(),
  ]);
  const { unshare, ip, iptables } = found;
  // Without them, or the right to use them, another line says what is missing.
  const canAsk =
    unshare !== undefined && ip !== undefined && iptables !== undefined && process.getuid?.() === 0;
  const network = canAsk ? [await networkFeatures({ unshare, ip, iptables }, signal)] : [];
  return {
    requirements: [...embeddedRequirements(), ...network, port],
    room: roomFor(environment, nodes),
    programs: names.map((name) => ({
      name,
      ok: found[name] !== undefined,
      found: found[name] ?? 'missing',
      remedy: `apt-get install ${SYSTEM_PROGRAMS[name]}`,
    })),
  };
}

/**
 * Refuses a run that this machine cannot carry, before anything is fetched or built for it.
 * @throws FiredrillError `provider.not-ready` with everything that is missing
 */
export async function requireMachine(
  environment: NodeJS.ProcessEnv,
  nodes: number,
  signal: AbortSignal,
  system: Pick<SystemOptions, 'rootFolders'> = {},
): Promise<void> {
  const [{ requirements, room, programs }, tools] = await Promise.all([
    surveyMachine(environment, nodes, signal, system),
    surveyCache(environment, signal),
  ]);
  const wanting = [...requirements, ...room].filter((one) => !one.ok);
  const missing = programs.filter((one) => !one.ok);
  if (missing.length > 0 && (await obstacleToInstall({ environment })) !== undefined)
    wanting.push(...missing);
  if (tools.some((tool) => !tool.ok)) wanting.push(...(await obstaclesToTools(environment, signal)));
  if (wanting.length === 0) return;
  throw new FiredrillError(
    'provider.not-ready',
    `this machine is not ready for a run: ${wanting.map(({ name, found }) => `${name}: ${found}`).join('; ')}`,
    {
      hint: [...wanting.flatMap(({ remedy = [] }) => remedy), 'firedrill doctor lists every check'].join(
        '; ',
      ),
    },
  );
}

/** What stands in the way of tools that are not in the cache; nothing where they can be had. */
async function obstaclesToTools(
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<readonly Surveyed[]> {
  const survey = await surveyToolchain(environment, signal);
  const ways = survey.obtainable ? [] : survey.ways;
  return [...ways, ...toolsRoom(environment, survey)].filter((one) => !one.ok);
}

/** The room for tools that are not in the cache; nothing where all are. */
export function toolsRoom(
  env: NodeJS.ProcessEnv,
  { tools, way }: Pick<Survey, 'tools' | 'way'>,
): readonly Surveyed[] {
  const missing = tools.filter((tool) => !tool.ok).length;
  if (missing === 0) return [];
  const room = {
    neededBytes: (TOOLS_DISK_BYTES[way] * missing) / tools.length,
    availableBytes: diskHeadroom(cacheRoot(env), 0).availableBytes,
  };
  return [roomLine('free disk of cache', `${way} the tools`, room, 'free some space, or set XDG_CACHE_HOME')];
}

function roomFor(env: NodeJS.ProcessEnv, nodes: number): readonly Surveyed[] {
  const memory = memoryHeadroom(nodes);
  const disk = diskHeadroom(clustersRoot(env), nodes);
  return [
    folderLine('folder of clusters', clustersRoot(env), 'set FIREDRILL_STATE_DIR to a folder of yours'),
    folderLine('folder of the cache', cacheRoot(env), 'set XDG_CACHE_HOME to a folder of yours'),
    roomLine('available memory', `${nodes} nodes`, memory, 'end other programs, or ask for fewer nodes'),
    roomLine('free disk', `${nodes} nodes`, disk, 'free some space, or set FIREDRILL_STATE_DIR'),
  ];
}
/** Where a home is read-only, or another user's, it is known before tools are fetched. */
function folderLine(name: string, path: string, remedy: string): Surveyed {
  const why = whyNoFolder(path);
  return { name, ok: why === undefined, found: why ?? path, remedy };
}

function roomLine(name: string, forWhat: string, room: Headroom, remedy: string): Surveyed {
  const { neededBytes, availableBytes } = room;
  const found = `${gib(availableBytes)}; ${forWhat}: ${gib(neededBytes)} needed`;
  return { name, ok: availableBytes >= neededBytes, found, remedy };
}
