import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, watch } from 'node:fs';
import { FiredrillError } from '../../harness/core/errors.ts';
import { patient } from '../../harness/core/patience.ts';
import { usedTicks } from '../process/identity.ts';
import type { ClusterPaths } from './cluster-directory.ts';

/** A supervisor that loads its programs is busy; one that has nothing to do and no door yet never gets one. */
const BUSY = { lookEveryMs: patient(15_000), ticksOf: usedTicks };
const DOOR_WITHIN_MS = patient(120_000);

/** How the supervisor of one kind of cluster is started. */
export interface SupervisorProgram {
  /** Absolute path of a program that gets the cluster's name as its argument. */
  readonly path: string;
  /**
   * `own`: in new network and mount namespaces, with the host's network namespace as file descriptor 3.
   * `host`: like any other process of this user.
   */
  readonly namespaces: 'own' | 'host';
}

/**
 * Starts a supervisor detached and waits for its door, for as long as it lives and gets on.
 * @param env What it reads its settings from; it has to lead to the cluster's directory
 * @throws FiredrillError `supervisor.start-failed`
 */
export async function startSupervisor(
  program: SupervisorProgram,
  name: string,
  paths: ClusterPaths,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  busy = BUSY,
): Promise<void> {
  const { path, namespaces } = program;
  const hostNamespace = openSync('/proc/self/ns/net', 'r');
  const log = openSync(paths.supervisorLog, 'a', 0o600);
  // What it lives on is small, and young objects may otherwise take up to 48 MB.
  const node = [process.execPath, '--max-semi-space-size=4', path, name] as const;
  const [command, args] =
    namespaces === 'own' ? ['unshare', ['--net', '--mount', '--', ...node]] : [node[0], node.slice(1)];
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', log, log, ...(namespaces === 'own' ? [hostNamespace] : [])],
    env,
  });
  closeSync(hostNamespace);
  closeSync(log);
  child.unref();
  const fail = (reason: string): FiredrillError =>
    new FiredrillError('supervisor.start-failed', `the supervisor of ${name} ${reason}`, {
      hint: logTail(paths.supervisorLog) || `see ${paths.supervisorLog}`,
    });
  await new Promise<void>((resolve, reject) => {
    const watcher = watch(paths.directory, () => look());
    const timer = setTimeout(
      () => end(fail(`did not open its door within ${DOOR_WITHIN_MS} ms`)),
      DOOR_WITHIN_MS,
    );
    let lastTicks = 0;
    const progress = setInterval(() => {
      const ticks = busy.ticksOf(child.pid ?? 0) ?? 0;
      if (ticks === lastTicks) end(fail(`did nothing for ${busy.lookEveryMs} ms and has no door`));
      lastTicks = ticks;
    }, busy.lookEveryMs);
    const aborted = (): void => end(signal.reason as Error);
    const end = (error?: Error): void => {
      watcher.close();
      clearTimeout(timer);
      clearInterval(progress);
      signal.removeEventListener('abort', aborted);
      child.removeAllListeners();
      if (error) reject(error);
      else resolve();
    };
    const look = (): void => {
      if (existsSync(paths.controlSocket)) end();
    };
    signal.addEventListener('abort', aborted);
    child.once('error', (error) => end(fail(error.message)));
    child.once('exit', (code, by) => end(fail(`ended at once (${by ?? `code ${code ?? '?'}`})`)));
    if (signal.aborted) aborted();
    else look();
  });
}

/** The last lines of a log, for the hint of an error. */
export function logTail(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').slice(-4).join(' | ') : '';
}
