import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** What a suite's test files share, while it stands. */
interface StandingSurroundings extends AsyncDisposable {
  /** By which the test files find it. */
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Starts a program that brings up what test files share, and says in one line of JSON by which environment they find it
 * (`infra/testing/surroundings.ts`). It ends when its standard input does: also where this process is killed.
 */
export async function bringUp(
  program: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<StandingSurroundings> {
  // In a process group of its own: a Ctrl-C is this process's to hear, and then to pass on.
  const child = spawn(process.execPath, [program], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env,
    detached: true,
  });
  const ended = once(child, 'exit');
  const takeDown = async (): Promise<void> => {
    child.stdin.end();
    await ended;
  };
  try {
    const said = await Promise.race([
      once(child.stdout, 'data', { signal }),
      ended.then(([code]) => {
        throw new Error(`${program} ended with code ${String(code)} before all was up`);
      }),
    ]);
    const environment = JSON.parse(String(said[0])) as NodeJS.ProcessEnv;
    return { environment, [Symbol.asyncDispose]: takeDown };
  } catch (error) {
    await takeDown();
    throw error;
  }
}
