import { homedir } from 'node:os';
import { join } from 'node:path';
import { FiredrillError } from '../../harness/core/errors.ts';

/** Linux takes at most 107 bytes for the path of a unix socket, and it is made under a name one byte longer. */
const SOCKET_PATH_MAX_BYTES = 106;
const NAME_PATTERN = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;

/** Where the state of live clusters is kept: `FIREDRILL_STATE_DIR`, or the user's state directory. */
export function stateRoot(env: NodeJS.ProcessEnv = process.env): string {
  if (env['FIREDRILL_STATE_DIR']) return env['FIREDRILL_STATE_DIR'];
  return join(env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'firedrill');
}

export function clustersRoot(env: NodeJS.ProcessEnv = process.env): string {
  return join(stateRoot(env), 'clusters');
}

/**
 * The paths of one cluster's state.
 * @throws FiredrillError `cluster.bad-name`, `cluster.path-too-long`
 */
export function clusterPaths(name: string, root: string = clustersRoot()) {
  if (!NAME_PATTERN.test(name)) {
    throw new FiredrillError(
      'cluster.bad-name',
      `${JSON.stringify(name)} is no cluster name: 1 to 40 of a-z, 0-9 and '-', beginning and ending with a letter or digit`,
      { userError: true, hint: 'choose another --name' },
    );
  }
  const directory = join(root, name);
  const controlSocket = join(directory, 'control.sock');
  if (Buffer.byteLength(controlSocket) > SOCKET_PATH_MAX_BYTES) {
    throw new FiredrillError(
      'cluster.path-too-long',
      `${controlSocket} has ${Buffer.byteLength(controlSocket)} bytes; a unix socket's path may have ${SOCKET_PATH_MAX_BYTES}`,
      { userError: true, hint: 'set FIREDRILL_STATE_DIR to a shorter directory' },
    );
  }
  return {
    directory,
    controlSocket,
    provider: join(directory, 'provider'),
    spec: join(directory, 'spec.json'),
    maker: join(directory, 'maker.json'),
    supervisor: join(directory, 'supervisor.json'),
    quarantine: join(directory, 'quarantined'),
    supervisorLog: join(directory, 'logs', 'supervisor.log'),
    kubeconfig: join(directory, 'kubeconfig'),
    logs: join(directory, 'logs'),
    pki: join(directory, 'pki'),
    etcd: join(directory, 'etcd'),
    nodes: join(directory, 'nodes'),
    shared: join(directory, 'shared'),
    auditLog: join(directory, 'logs', 'audit.jsonl'),
    machineLog: join(directory, 'logs', 'machine.jsonl'),
    undoneLog: join(directory, 'logs', 'undone.jsonl'),
  } as const;
}
export type ClusterPaths = ReturnType<typeof clusterPaths>;
