import { accessSync, constants, existsSync } from 'node:fs';
import { FiredrillError } from '../../harness/core/errors.ts';

const DOCKER_SOCKET = '/var/run/docker.sock';

/** What is asked of this machine's files. */
export interface SocketLook {
  readonly exists: (path: string) => boolean;
  readonly mayUse: (path: string) => boolean;
}

const look: SocketLook = {
  exists: existsSync,
  mayUse: (path) => {
    try {
      accessSync(path, constants.R_OK | constants.W_OK);
      return true;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EACCES' || code === 'EPERM' || code === 'ENOENT') return false;
      throw error;
    }
  },
};

/** Why no engine was found where testcontainers looks, and the next step. */
export function noEngine(
  env: NodeJS.ProcessEnv,
  cause: unknown,
  { exists, mayUse }: SocketLook = look,
): FiredrillError {
  const { message, hint } = explain();
  return new FiredrillError('servers.no-engine', message, { userError: true, hint, cause });

  function explain(): { readonly message: string; readonly hint: string } {
    const host = env['DOCKER_HOST'];
    if (host !== undefined && host !== '') {
      return {
        message: `no container engine answers at DOCKER_HOST=${host}`,
        hint: 'start that engine, or unset DOCKER_HOST to use the one of this machine',
      };
    }
    if (exists(DOCKER_SOCKET) && !mayUse(DOCKER_SOCKET)) {
      return {
        message: `there is a container engine at ${DOCKER_SOCKET}, and this user may not use it`,
        hint: 'have your user put into the group docker and log in anew, or use sudo',
      };
    }
    const podman = [`${env['XDG_RUNTIME_DIR'] ?? ''}/podman/podman.sock`, '/run/podman/podman.sock'].find(
      (socket) => exists(socket) && mayUse(socket),
    );
    if (podman !== undefined) {
      return {
        message: 'no container engine answers where Docker is looked for; there is a socket of Podman',
        hint: `export DOCKER_HOST=unix://${podman}`,
      };
    }
    return {
      message: exists(DOCKER_SOCKET)
        ? `no container engine answers at ${DOCKER_SOCKET}`
        : `no container engine answers: DOCKER_HOST is not set and there is no ${DOCKER_SOCKET}`,
      hint: 'start Docker (systemctl start docker, or Docker Desktop), or name another engine with DOCKER_HOST',
    };
  }
}
