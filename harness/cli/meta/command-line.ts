import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import type { Verdict } from '../../core/verdict.ts';

export const ROOT = join(import.meta.dirname, '..', '..', '..');

export interface Ended {
  readonly exitCode: number | null;
  readonly output: string;
}

/**
 * What commands run in. Files of tests run side by side: each has a state directory of its own, and sees no clusters but
 * its own. What this test runner adds to its environment would confuse the one that is started.
 */
export const ENVIRONMENT: NodeJS.ProcessEnv = {
  ...process.env,
  FIREDRILL_STATE_DIR: temporaryDirectory('state'),
  NODE_TEST_CONTEXT: undefined,
  FIREDRILL_RUN: undefined,
};

/** The scenarios of the meta tests. */
const SCENARIOS = 'harness/cli/meta/scenarios';

/** A working directory of its own with the real command line in it, for tests that run scenarios as a user does. */
export class CommandLine implements Disposable {
  readonly directory: string;
  readonly #started: ChildProcess[] = [];
  readonly #environment: NodeJS.ProcessEnv;

  constructor(environment = ENVIRONMENT, directory = temporaryDirectory('meta')) {
    this.directory = directory;
    this.#environment = environment;
  }

  /** `npm test -- ...args` on the scenarios of the meta tests. */
  start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Started {
    return this.#spawn('test.ts', args, environment);
  }

  test(args: readonly string[], environment?: NodeJS.ProcessEnv): Promise<Ended> {
    return this.start(args, environment).ended;
  }

  /** `firedrill VERB ...` */
  firedrill(...args: readonly string[]): Promise<Ended> {
    return this.#spawn('firedrill.ts', args).ended;
  }

  #spawn(program: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Started {
    const child = spawn(process.execPath, [join(ROOT, 'harness', 'cli', program), ...args], {
      cwd: this.directory,
      env: { ...this.#environment, FIREDRILL_SCENARIOS: SCENARIOS, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#started.push(child);
    return new Started(child);
  }

  /** The directory of the newest run. */
  get latest(): string {
    return realpathSync(join(this.directory, 'reports', 'out', 'latest'));
  }

  /** The verdicts of a run, by the title of the trial. */
  verdicts(run = this.latest): ReadonlyMap<string, Verdict> {
    const trials = join(run, 'trials');
    const found = readdirSync(trials)
      .map((name) => join(trials, name, 'verdict.json'))
      .filter((path) => existsSync(path))
      .map((path) => JSON.parse(readFileSync(path, 'utf8')) as Verdict);
    return new Map(found.map((verdict) => [verdict.title, verdict]));
  }

  [Symbol.dispose](): void {
    // After a test that failed, one may still hang.
    for (const child of this.#started) child.kill('SIGKILL');
  }
}

/** A command that runs. */
export class Started {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  #output = '';

  constructor(child: ChildProcess) {
    this.process = child;
    const take = (chunk: Buffer): void => void (this.#output += chunk.toString('utf8'));
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    this.ended = once(child, 'close').then(([code]) => ({
      exitCode: code as number | null,
      output: this.#output,
    }));
  }

  get output(): string {
    return this.#output;
  }

  /** Resolves when the output matches; rejects when the command ends before. */
  async untilPrinted(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#output)) {
      const more = once(this.process.stdout ?? this.process, 'data');
      const over = this.ended.then(({ output }) => {
        throw new Error(`ended without printing ${String(pattern)}:\n${output}`);
      });
      await Promise.race([more, over]);
    }
  }
}
