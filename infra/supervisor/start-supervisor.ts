import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { FiredrillError } from '../../harness/core/errors.ts';
import { sourceFile } from '../../harness/core/installation.ts';
import type { ClusterPaths } from '../state-directory.ts';

const SUPERVISOR = join(import.meta.dirname, '..', 'supervisor', sourceFile('main'));
const DOOR_WITHIN_MS = 15_000;

/** Starts the supervisor detached, in its own network and mount namespaces, and waits for its door. */
export async function startSupervisor(name: string, paths: ClusterPaths, signal: AbortSignal): Promise<void> {
  const hostNamespace = openSync('/proc/self/ns/net', 'r');
  const log = openSync(paths.supervisorLog, 'a', 0o600);
  const child = spawn('unshare', ['--net', '--mount', '--', process.execPath, SUPERVISOR, name], {
    detached: true,
    stdio: ['ignore', log, log, hostNamespace],
    env: process.env,
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
    const aborted = (): void => end(signal.reason as Error);
    const end = (error?: Error): void => {
      watcher.close();
      clearTimeout(timer);
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
