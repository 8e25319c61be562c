import { FiredrillError } from '../../harness/core/errors.ts';
import { ContainerEngine } from './engine.ts';
import { ENGINE_TITLES } from './engine-trouble.ts';
import type { EngineName } from './engine-names.ts';

/** What programs that speak Docker's HTTP interface can be given as DOCKER_HOST. */
const USABLE = /^(unix|npipe|tcp|https?):\/\//;
/** Where Docker listens when nobody has said anything else. */
const DOCKER_DEFAULT = 'unix:///var/run/docker.sock';

/** An engine that serves Docker's HTTP interface. */
interface EngineApi {
  readonly name: EngineName;
  /** As in DOCKER_HOST. */
  readonly address: string;
}

/**
 * Asks an engine that answers where it serves Docker's HTTP interface; by its own command, which knows contexts and sockets
 * of users.
 * @throws FiredrillError `engine.silent`, `engine.no-api`
 */
export async function engineApi(name: EngineName, env: NodeJS.ProcessEnv): Promise<EngineApi> {
  const engine = new ContainerEngine(name, env);
  await engine.version();
  switch (name) {
    case 'docker':
      return { name, address: requireUsable(name, await dockerAddress(engine)) };
    case 'podman':
      return { name, address: await podmanAddress(engine) };
    case 'nerdctl':
      throw noApi(
        "nerdctl has no HTTP interface like Docker's",
        'use Docker or Podman for throw-away servers',
      );
  }
}

async function dockerAddress(engine: ContainerEngine): Promise<string> {
  const set = engine.env['DOCKER_HOST'] ?? '';
  if (set !== '') return set;
  try {
    return (await engine.call(['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'])).trim();
  } catch (error) {
    // Podman under Docker's name has no contexts.
    if (error instanceof FiredrillError && error.code === 'engine.refused') return DOCKER_DEFAULT;
    throw error;
  }
}

/** Podman needs nobody who serves; its socket is there where somebody has asked for it. */
async function podmanAddress(engine: ContainerEngine): Promise<string> {
  const format = '{{.Host.RemoteSocket.Exists}} {{.Host.RemoteSocket.Path}}';
  const [exists = '', path = ''] = (await engine.call(['info', '--format', format])).trim().split(' ');
  const address = path.startsWith('/') ? `unix://${path}` : path;
  if (exists === 'true') return requireUsable('podman', address);
  throw noApi(
    `Podman answers, and nobody serves its HTTP interface at ${path}`,
    'systemctl --user start podman.socket, or as root: systemctl start podman.socket',
  );
}

function requireUsable(name: EngineName, address: string): string {
  if (USABLE.test(address)) return address;
  throw noApi(
    `${ENGINE_TITLES[name]} is reached by ${address}, which is no socket and no HTTP address`,
    'name one with DOCKER_HOST, e.g. of a tunnel to it',
  );
}

function noApi(message: string, hint: string): FiredrillError {
  return new FiredrillError('engine.no-api', message, { hint });
}
