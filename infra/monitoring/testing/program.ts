import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {} from 'node:net';
import { freePort } from '../../../harness/testing/free-port.ts';

/** A program of somebody else, started for a test on loopback. */
export interface RunningProgram {
  readonly url: string;
  /** What it wrote so far. */
  readonly output: () => string;
  stop(): Promise<void>;
}

/** Starts a program and waits until `readyPath` answers 200; rejects with its output when it exits before. */
export async function startProgram(options: {
  readonly path: string;
  readonly args: (listen: string) => readonly string[];
  readonly readyPath: string;
}): Promise<RunningProgram> {
  const listen = `127.0.0.1:${await freePort()}`;
  const child = spawn(options.path, options.args(listen), { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const exited = once(child, 'exit');
  const url = `http://${listen}`;
  while (!(await answers(url + options.readyPath))) {
    if (child.exitCode !== null) throw new Error(`${options.path} exited with ${child.exitCode}:\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url,
    output: () => output,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function answers(url: string): Promise<boolean> {
  return await fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}
