import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cleanEnvironment, ROOT, Started, type Ended } from './command-line.ts';

/** A user's folder outside of the repository, in which the packed repository is installed. */
export class EmptyFolder implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'firedrill-package-'));
  /** What the package consists of. */
  readonly packed: readonly string[];

  constructor() {
    try {
      const said = this.#npm(ROOT, 'pack', '--json', '--pack-destination', this.directory);
      const [archive] = JSON.parse(said) as [{ filename: string; files: readonly { path: string }[] }];
      this.packed = archive.files.map(({ path }) => path);
      this.#npm(this.directory, 'install', '--prefer-offline', '--loglevel=error', `./${archive.filename}`);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  write(path: string, text: string): void {
    const file = join(this.directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  remove(path: string): void {
    rmSync(join(this.directory, path), { recursive: true });
  }

  /** `npx firedrill ...args` */
  firedrill(...args: readonly string[]): Promise<Ended> {
    return new Started(
      spawn('npx', ['--no', 'firedrill', ...args], {
        cwd: this.directory,
        env: cleanEnvironment(),
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    ).ended;
  }

  /** What the repository's compiler says of files here; nothing where it is content. */
  typeErrors(...files: readonly string[]): string {
    const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2024'];
    const { stdout } = spawnSync(process.execPath, [compiler, ...options, ...files], {
      cwd: this.directory,
      encoding: 'utf8',
    });
    return stdout;
  }

  #npm(cwd: string, ...args: readonly string[]): string {
    const env = cleanEnvironment();
    const { status, stdout, stderr } = spawnSync('npm', args, { cwd, env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`npm ${args.join(' ')} ended with ${status ?? 'a signal'}:\n${stderr}`);
    return stdout;
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
