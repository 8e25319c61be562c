import { constants } from 'node:os';
import { describeError, FiredrillError } from '../core/errors.ts';
import { EXIT } from '../run/exit-code.ts';
import { Interrupted } from '../run/interruption.ts';
import { outliveClosedOutput } from '../run/outlive-closed-output.ts';

/**
 * Runs one of our programs, and ends the process with its exit code, told errors included. An error that nobody has caught is our
 * own fault: what listens for an interruption ends in order as by SIGTERM, and the exit code says neither "violated" nor "interrupted".
 */
export async function runProgram(main: () => Promise<number>): Promise<never> {
  outliveClosedOutput();
  let uncaught = 0;
  const onUncaught = (error: unknown): void => {
    tell(error);
    // Without a listener there is nothing to end in order; a second error comes from the end itself.
    if (uncaught++ > 0 || !process.emit('SIGTERM', 'SIGTERM')) process.exit(EXIT.ownFault);
  };
  process.on('uncaughtException', onUncaught);
  process.on('unhandledRejection', onUncaught);
  let exitCode: number;
  try {
    exitCode = await main();
  } catch (error) {
    if (!(uncaught > 0 && error instanceof Interrupted)) tell(error);
    if (error instanceof Interrupted) exitCode = error.exitCode;
    else exitCode = error instanceof FiredrillError && error.userError ? EXIT.badInput : EXIT.ownFault;
  }
  if (exitCode === EXIT.asExpected) exitCode = exitCodeOfOutput(process.stdout);
  // A connection that a dead cluster has left half open must not keep the prompt away.
  process.exit(uncaught > 0 ? EXIT.ownFault : exitCode);
}

/** What could not be written is no success. A reader who has gone is not told: they wanted no more of it, as of any program. */
export function exitCodeOfOutput({ errored }: Pick<NodeJS.WriteStream, 'errored'>): number {
  if (errored === null) return EXIT.asExpected;
  if ((errored as NodeJS.ErrnoException).code === 'EPIPE') return 128 + constants.signals.SIGPIPE;
  tell(
    new FiredrillError('cli.output-lost', `what was to be printed could not be written: ${errored.message}`, {
      hint: 'print it elsewhere, or make room there',
    }),
  );
  return EXIT.badInput;
}

function tell(error: unknown): void {
  process.stderr.write(`firedrill: ${describeError(error)}\n`);
}
