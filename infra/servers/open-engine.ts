import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import { given } from '../../harness/core/given.ts';
import { engineApi } from '../engine/api-address.ts';
import { ContainerEngine } from '../engine/engine.ts';
import { engineSetting } from '../engine/engine-names.ts';
import { firstEngine, noEngine } from '../engine/find-engine.ts';

const HINT = 'start one, or say where it is with DOCKER_HOST, or which with FIREDRILL_ENGINE';

let opened: Promise<ContainerEngine> | undefined;

/**
 * The container engine for servers: found as kind's is, by asking each for itself. Its own command pulls, lists and removes;
 * testcontainers starts, by the HTTP interface that the command names.
 * @throws FiredrillError `engine.none`, `engine.bad-setting`
 */
export function openEngine(env: NodeJS.ProcessEnv): Promise<ContainerEngine> {
  opened ??= findAndOpen(env).catch((error: unknown) => {
    // It may be started meanwhile.
    opened = undefined;
    throw error;
  });
  return opened;
}

/** Why there is no engine to start servers on, or undefined where one answers. */
export async function engineAbsence(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    await openEngine(env);
    return undefined;
  } catch (error) {
    const codes = ['engine.none', 'engine.bad-setting'];
    if (error instanceof FiredrillError && codes.includes(error.code)) return messageOf(error);
    throw error;
  }
}

/**
 * testcontainers reads the environment of this process, and no other, once, when it is asked for its client. The variable is
 * taken back: Docker's own command would follow it to another engine.
 */
async function findAndOpen(env: NodeJS.ProcessEnv): Promise<ContainerEngine> {
  const found = await firstEngine(given({ engine: engineSetting(env) }), (name) => engineApi(name, env));
  if (found.engine === undefined) throw noEngine(found.reasons, HINT);
  const { name, address } = found.engine;
  // Half a second and a hundred modules, for the few who start servers.
  const { getContainerRuntimeClient } = await import('testcontainers');
  // eslint-disable-next-line no-restricted-properties -- a library that asks nobody else is told there
  const own = process.env;
  const before = own['DOCKER_HOST'];
  own['DOCKER_HOST'] = address;
  try {
    await getContainerRuntimeClient();
    return new ContainerEngine(name, { ...env, DOCKER_HOST: address });
  } catch (error) {
    const why = `${name} answers, and its HTTP interface at ${address} does not: ${messageOf(error)}`;
    throw noEngine([why], HINT);
  } finally {
    if (before === undefined) delete own['DOCKER_HOST'];
    else own['DOCKER_HOST'] = before;
  }
}
