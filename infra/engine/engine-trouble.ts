import type { EngineName } from './engine-names.ts';

/** Why an engine is of no use, and what to do about it. */
interface EngineTrouble {
  readonly kind: 'absent' | 'no-permission' | 'not-running' | 'other';
  /** Goes on from the engine's name: `Docker is not installed`. */
  readonly message: string;
  readonly remedy: string;
}

export const ENGINE_TITLES: Readonly<Record<EngineName, string>> = {
  docker: 'Docker',
  podman: 'Podman',
  nerdctl: 'nerdctl',
};

const START: Readonly<Record<EngineName, string>> = {
  docker: 'start it: systemctl start docker, or Docker Desktop',
  podman: 'start it: podman machine start, or systemctl start podman',
  nerdctl: 'start it: systemctl start containerd',
};
const PERMIT: Readonly<Record<EngineName, string>> = {
  docker: 'have your user put into the group docker and log in anew, or use sudo',
  podman: 'use a rootless Podman of your own, or sudo',
  nerdctl: 'use sudo, or a rootless containerd: containerd-rootless-setuptool.sh install',
};
const ABSENT = /could not be run|ENOENT|command not found/;
const NO_PERMISSION = /permission denied|EACCES|operation not permitted/i;
const NOT_RUNNING =
  /cannot connect to|is the docker daemon running|connection refused|cannot access containerd socket|no such file or directory|rootless containerd not running|error during connect|no answer within|EOF/i;

/** What the words of an engine, or of the system that could not start it, mean. */
export function engineTrouble(engine: EngineName, words: string): EngineTrouble {
  const title = ENGINE_TITLES[engine];
  const said = words.trim().split('\n').at(-1)?.slice(-300) ?? '';
  if (ABSENT.test(words))
    return { kind: 'absent', message: `${title} is not installed`, remedy: `install ${title}` };
  if (NO_PERMISSION.test(words)) {
    return {
      kind: 'no-permission',
      message: `${title} is there, and this user may not use it (${said})`,
      remedy: PERMIT[engine],
    };
  }
  if (NOT_RUNNING.test(words)) {
    return {
      kind: 'not-running',
      message: `${title} is installed and does not answer (${said})`,
      remedy: START[engine],
    };
  }
  return { kind: 'other', message: `${title} answers with an error (${said})`, remedy: `see ${engine} info` };
}
