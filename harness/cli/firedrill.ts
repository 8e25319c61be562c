import { COMMANDS } from '../core/installation.ts';
import { listenForInterruption } from '../run/interruption.ts';
import { callVerb } from './call-verb.ts';
import { runProgram } from './run-program.ts';
import { goToUser } from './users-folder.ts';

await runProgram(async () => {
  goToUser(process.env);
  using interruption = listenForInterruption(() => {
    process.stderr.write(
      `still taking things down; what stays behind is cleared away by: ${COMMANDS.firedrill} reap\n`,
    );
  });
  return await callVerb(process.argv.slice(2), {
    env: process.env,
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    signal: interruption.signal,
  });
});
