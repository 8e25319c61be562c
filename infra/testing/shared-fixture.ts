import { once } from 'node:events';

/** What the test files of one suite share, and the environment by which they find it. */
export interface SharedFixture extends AsyncDisposable {
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The whole of a program that a suite starts before its test files (`ci/suites/real.ts`): says the environment
 * in one line of JSON when all is up, and takes everything away when its standard input ends, whatever ended the suite.
 */
export async function serveSharedFixture(
  bringUp: (signal: AbortSignal) => Promise<SharedFixture>,
): Promise<void> {
  const stop = new AbortController();
  process.stdin.on('end', () => stop.abort(new Error('the suite has ended'))).resume();
  await using fixture = await bringUp(stop.signal);
  process.stdout.write(`${JSON.stringify(fixture.environment)}\n`);
  if (!stop.signal.aborted) await once(stop.signal, 'abort');
}
