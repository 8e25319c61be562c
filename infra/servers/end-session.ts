/**
 * `end-session RECORD [--when-input-ends]`: takes away the containers of a session whose process has died, and its record.
 * Prints what it has removed, or why something is left, as JSON. It runs in the environment that led to the session's engine.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { once } from 'node:events';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import { engineOfEnvironment } from './open-engine.ts';
import { LABELS, readRecord, removeRecord, unsettled } from './session-record.ts';
import { WHEN_INPUT_ENDS } from './session.ts';

const LOOK_EVERY_MS = 250;

/** What became of the containers of a dead session. */
export interface EndedSession {
  /** Names of those that were removed. */
  readonly containers: readonly string[];
  /** Why something may still be there; absent where nothing is. */
  readonly left?: string;
}

/**
 * Removes what a dead session has left, then its record, and returns the names of the containers.
 *
 * @param patience What is done about a container that was just being made: waited for, or left to the next call
 * @throws FiredrillError `engine.none`, `servers.other-engine`, `servers.unsettled`, `servers.left`; the record stays
 */
async function endSession(path: string, patience: 'wait' | 'look-once'): Promise<readonly string[]> {
  const record = readRecord(path);
  if (record === undefined) return [];
  const engine = await engineOfEnvironment();
  if (engine.address !== record.engine) {
    throw new FiredrillError(
      'servers.other-engine',
      `the engine at ${record.engine}, which has the containers of session ${record.session}, does not answer`,
      { hint: 'start it again, and run any command' },
    );
  }
  const removed: string[] = [];
  for (;;) {
    removed.push(...(await engine.removeContainersWith({ [LABELS.session]: record.session })));
    const awaited = unsettled(record, removed, Date.now());
    if (awaited.length === 0) break;
    if (patience === 'look-once') {
      throw new FiredrillError(
        'servers.unsettled',
        `${awaited.join(', ')} was being made when its owner died, and may still appear`,
        { hint: 'run any command again in half a minute' },
      );
    }
    await delay(LOOK_EVERY_MS);
  }
  removeRecord(path);
  return removed;
}

const [record, option] = process.argv.slice(2);
if (record === undefined) {
  process.stderr.write('which record?\n');
  process.exit(64);
}
const watches = option === WHEN_INPUT_ENDS;
if (watches) {
  process.stdin.resume();
  await once(process.stdin, 'end');
}
const end = async (): Promise<EndedSession> => {
  try {
    return { containers: await endSession(record, watches ? 'wait' : 'look-once') };
  } catch (error) {
    return { containers: [], left: messageOf(error) };
  }
};
process.stdout.write(`${JSON.stringify(await end())}\n`);
