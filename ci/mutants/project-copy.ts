import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { makeTemporaryFolder } from '../../infra/process/temporary-folder.ts';
import { runTestFile } from '../suites/node-tests.ts';
import type { Mutant } from './mutants.ts';

/** A mutant may take so many times as long as the tests without it. */
const PATIENCE = 3;
/** The healer's simulation repeats itself; a mutant gets a part of its runs. */
const FEW_RUNS = { FIREDRILL_SIM_RUNS: '100' };
/** No unit test takes half of this. */
const FIRST_MS = 120_000;
/** What is no source. */
const LEFT_BEHIND = ['node_modules', '.git', '.firedrill', 'dist', 'reports/out'];

/** A folder with the sources of a project. */
export function copyProject(root: string, folder: string): void {
  cpSync(root, folder, {
    recursive: true,
    filter: (path) => !LEFT_BEHIND.includes(relative(root, path)),
  });
}

/** A copy of the project for mutants, so that the checkout stays as it is; it goes with its owner, however that ends. */
export class ProjectCopy {
  readonly #folder = makeTemporaryFolder('fd-');
  readonly #root: string;
  readonly #signal: AbortSignal;
  /** How long each test file takes without a mutant. */
  readonly #soundMs = new Map<string, number>();
  /** How many mutants of a file each test file has noticed. */
  readonly #kills = new Map<string, number>();

  constructor(root: string, signal: AbortSignal) {
    this.#root = join(this.#folder, 'project');
    this.#signal = signal;
    copyProject(root, this.#root);
    symlinkSync(join(root, 'node_modules'), join(this.#root, 'node_modules'));
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /**
   * Whether one of these test files notices a mutant, by a test that fails or by taking far longer. Those that noticed most
   * of its file are asked first, and the quick ones.
   *
   * @param tests relative to the root
   * @throws Error where one fails without the mutant
   */
  async kills(mutant: Mutant, tests: readonly string[]): Promise<boolean> {
    for (const test of tests) if (!this.#soundMs.has(test)) await this.#time(test);
    const soundMs = (test: string): number => this.#soundMs.get(test) ?? 0;
    const kills = (test: string): number => this.#kills.get(`${mutant.file} ${test}`) ?? 0;
    const patienceMs = PATIENCE * tests.reduce((sum, test) => sum + soundMs(test), 0);
    const path = join(this.#root, mutant.file);
    const sound = readFileSync(path);
    writeFileSync(path, mutant.text);
    let killer: string | undefined;
    for (const test of tests.toSorted((a, b) => kills(b) - kills(a) || soundMs(a) - soundMs(b)))
      if (killer === undefined && (await this.#fails(test, patienceMs))) killer = test;
    writeFileSync(path, sound);
    if (killer !== undefined) this.#kills.set(`${mutant.file} ${killer}`, kills(killer) + 1);
    return killer !== undefined;
  }

  async #time(test: string): Promise<void> {
    const startedMs = performance.now();
    if (await this.#fails(test, FIRST_MS))
      throw new Error(`${test} fails in a copy of the project, without any mutant`);
    this.#soundMs.set(test, performance.now() - startedMs);
  }

  async #fails(test: string, withinMs: number): Promise<boolean> {
    const { ends, reason } = await runTestFile(join(this.#root, test), this.#folder, {
      env: {
        ...{ ...process.env, ...FEW_RUNS, NODE_TEST_CONTEXT: undefined, TMPDIR: this.#folder },
        NODE_COMPILE_CACHE: join(this.#folder, 'compiled'),
      },
      signal: this.#signal,
      fileTimeoutMs: Math.ceil(withinMs),
    });
    this.#signal.throwIfAborted();
    return reason !== undefined || ends.some(({ result }) => result === 'failed');
  }
}
