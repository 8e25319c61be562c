import { messageOf } from '../../harness/core/errors.ts';
import { run } from '../process/run.ts';
import { takeLock } from '../process/lock.ts';
import type { EndedSession } from './end-session.ts';
import { environmentFor, orphanedRecords, readRecord, sessionOf, sessionsRoot } from './session-record.ts';
import { END_SESSION } from './session.ts';

/** What a dead session had left. */
export interface ReapedServers extends EndedSession {
  readonly session: string;
}

/**
 * Takes away the servers of processes that have died. Asks no engine where there are none, so that it may begin every command.
 * What cannot be taken away now keeps its record, and the next call tries again.
 */
export async function reapServers(root: string = sessionsRoot()): Promise<readonly ReapedServers[]> {
  if (orphanedRecords(root).length === 0) return [];
  using _lock = await takeLock(`${root}.lock`);
  return await Promise.all(orphanedRecords(root).map(reapSession));
}

/** In a process of its own, since the way to the engine is the session's, not ours. */
async function reapSession(path: string): Promise<ReapedServers> {
  const session = sessionOf(path);
  const record = readRecord(path);
  if (record === undefined) return { session, containers: [] };
  try {
    const said = await run(process.execPath, [END_SESSION, path], {
      env: environmentFor(record, process.env),
    });
    return { session, ...(JSON.parse(said) as EndedSession) };
  } catch (error) {
    return { session, containers: [], left: messageOf(error) };
  }
}
