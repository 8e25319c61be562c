/**
 * `end-session-main RECORD [--when-input-ends]`: takes away the containers of a session whose process has died, and its record.
 * Prints what it has removed, or why something is left, as JSON. It runs in the environment that led to the session's engine.
 */
import { once } from 'node:events';
import { messageOf } from '../../harness/core/errors.ts';
import { endSession, type EndedSession } from './end-session.ts';
import { WHEN_INPUT_ENDS } from './watcher.ts';

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
