import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { SuiteResult } from './tally.ts';

/**
 * Runs a program as one test: it passes when the program ends with code 0. Its output is shown as it comes, or kept for
 * whoever runs several side by side.
 */
export async function commandSuite(
  program: string,
  args: readonly string[],
  signal: AbortSignal,
  {
    output = 'shown',
    environment = {},
  }: { readonly output?: 'shown' | 'kept'; readonly environment?: Readonly<Record<string, string>> } = {},
): Promise<SuiteResult> {
  const to = output === 'shown' ? 'inherit' : 'pipe';
  const child = spawn(program, args, {
    stdio: ['ignore', to, to],
    env: { ...process.env, ...environment },
  });
  const kept: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => kept.push(chunk));
  const stop = (): void => {
    child.kill('SIGTERM');
  };
  signal.addEventListener('abort', stop, { once: true });
  const [code] = (await once(child, 'close')) as [number | null];
  signal.removeEventListener('abort', stop);
  const passed = code === 0 ? 1 : 0;
  return { passed, failed: 1 - passed, skipped: 0, output: Buffer.concat(kept).toString() };
}
