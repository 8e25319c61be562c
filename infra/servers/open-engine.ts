import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import { given } from '../../harness/core/given.ts';
import { engineApi, type EngineApi } from '../engine/api-address.ts';
import { engineSetting } from '../engine/engine-names.ts';
import { firstEngine, noEngine } from '../engine/find-engine.ts';
import { Engine } from './engine.ts';

const HINT = 'start one, or say where it is with DOCKER_HOST, or which with FIREDRILL_ENGINE';

let opened: Promise<Engine> | undefined;

/**
 * The container engine for servers: found as kind's is, by asking each for itself, and then used by its HTTP interface.
 * @throws FiredrillError `engine.none`, `engine.bad-setting`
 */
export function openEngine(): Promise<Engine> {
  opened ??= findAndOpen().catch((error: unknown) => {
    // It may be started meanwhile.
    opened = undefined;
    throw error;
  });
  return opened;
}

/**
 * The engine to which the environment leads by itself: for whoever was given that of somebody who had found it.
 * @throws FiredrillError `engine.none`
 */
export async function engineOfEnvironment(env: NodeJS.ProcessEnv = process.env): Promise<Engine> {
  try {
    return await connect();
  } catch (error) {
    throw noEngine(
      [`nobody answers at ${env['DOCKER_HOST'] ?? 'where Docker listens'}: ${messageOf(error)}`],
      HINT,
    );
  }
}

/** Why there is no engine to start servers on, or undefined where one answers. */
export async function engineAbsence(): Promise<string | undefined> {
  try {
    await openEngine();
    return undefined;
  } catch (error) {
    const codes = ['engine.none', 'engine.bad-setting'];
    if (error instanceof FiredrillError && codes.includes(error.code)) return messageOf(error);
    throw error;
  }
}

async function findAndOpen(): Promise<Engine> {
  const only = engineSetting();
  const found = await firstEngine(given({ engine: only }), engineApi);
  if (found.engine !== undefined) return await openAt(found.engine);
  // A machine may have an engine's socket without its command; it is Docker's then, or speaks like it.
  if (only === undefined || only === 'docker') {
    try {
      return await connect();
    } catch {
      // What each engine has said itself is the better reason.
    }
  }
  throw noEngine(found.reasons, HINT);
}

async function openAt({ name, address }: EngineApi): Promise<Engine> {
  try {
    return await connect(address);
  } catch (error) {
    throw noEngine(
      [`${name} answers, and its HTTP interface at ${address} does not: ${messageOf(error)}`],
      HINT,
    );
  }
}

/**
 * testcontainers reads the environment once, when it is asked for its client. The variable is taken back: Docker's own
 * command would follow it to another engine.
 */
async function connect(address?: string): Promise<Engine> {
  // Half a second and a hundred modules, for the few who start servers.
  const { getContainerRuntimeClient } = await import('testcontainers');
  if (address === undefined) return new Engine(await getContainerRuntimeClient(), process.env['DOCKER_HOST']);
  const before = process.env['DOCKER_HOST'];
  process.env['DOCKER_HOST'] = address;
  try {
    return new Engine(await getContainerRuntimeClient(), address);
  } finally {
    if (before === undefined) delete process.env['DOCKER_HOST'];
    else process.env['DOCKER_HOST'] = before;
  }
}
