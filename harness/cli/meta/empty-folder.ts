import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { ENVIRONMENT, ROOT, Started, type Ended } from './command-line.ts';

/** A user's scenario: quick, and with every kind of thing that the package has to bring. */
export const SCENARIO = `
import { expect, nodeFreeze, slo, test } from 'firedrill';

test.use({ healer: 'off', gate: { steadyFor: '1s', within: '60s' } });

const available = slo({
  name: 'availability',
  query:
    'sum(rate(probe_requests_total{target="storefront",outcome="ok"}[4s])) / ' +
    'sum(rate(probe_requests_total{target="storefront",outcome!="skipped"}[4s]))',
  bound: { atLeast: 0.99 },
  stableFor: '2s',
  delay: '1s',
});

test('a short hang is survived', async ({ trial }) => {
  const hang = await trial.inject(nodeFreeze({ node: { hosting: 'app=storefront', mode: 'one' }, duration: '3s' }));
  await expect(available).toRecoverWithin('12s', { after: hang });
});
`;

interface Compiling {
  readonly compiler?: string;
  readonly resolution?: 'nodenext' | 'bundler';
}

/** A user's folder outside of the repository, in which the packed repository is installed. */
export class EmptyFolder {
  readonly directory = temporaryDirectory('package');
  /** What the package consists of. */
  readonly packed: readonly string[];

  /**
   * @param dependencies `installed` by npm, which writes 400 MB; or `linked` to the repository's, those alone that the
   * package names
   */
  constructor(dependencies: 'installed' | 'linked') {
    const said = this.#npm(ROOT, 'pack', '--json', '--pack-destination', this.directory);
    const [archive] = JSON.parse(said) as [{ filename: string; files: readonly { path: string }[] }];
    this.packed = archive.files.map(({ path }) => path);
    if (dependencies === 'linked') this.#unpackAndLink(archive.filename);
    else
      this.#npm(this.directory, 'install', '--prefer-offline', '--loglevel=error', `./${archive.filename}`);
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
        env: ENVIRONMENT,
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    ).ended;
  }

  /**
   * What a compiler says of files here; nothing where it is content.
   *
   * @param using the package of the compiler, the repository's by default, and how it finds modules
   */
  typeErrors(
    files: readonly string[],
    { compiler = join(ROOT, 'node_modules', 'typescript'), resolution = 'nodenext' }: Compiling = {},
  ): string {
    const module = resolution === 'bundler' ? 'esnext' : resolution;
    const { stdout } = spawnSync(
      process.execPath,
      [
        ...[join(compiler, 'bin', 'tsc'), '--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022'],
        ...['--lib', 'esnext,dom', '--module', module, '--moduleResolution', resolution, ...files],
      ],
      { cwd: this.directory, encoding: 'utf8' },
    );
    return stdout;
  }

  /** Installs one more package from the registry, and returns its folder. */
  install(name: string, version: string): string {
    this.#npm(
      this.directory,
      'install',
      '--no-save',
      '--prefer-offline',
      '--loglevel=error',
      `${name}@${version}`,
    );
    return join(this.directory, 'node_modules', name);
  }

  #unpackAndLink(archive: string): void {
    const modules = join(this.directory, 'node_modules');
    const own = join(modules, 'firedrill');
    mkdirSync(own, { recursive: true });
    this.#run(this.directory, 'tar', '-xzf', archive, '--strip-components=1', '-C', own);
    const text = readFileSync(join(own, 'package.json'), 'utf8');
    const { dependencies, optionalDependencies, bin } = JSON.parse(text) as Record<
      string,
      Record<string, string>
    >;
    const link = (target: string, name: string): void => {
      mkdirSync(dirname(join(modules, name)), { recursive: true });
      symlinkSync(target, join(modules, name));
    };
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies }))
      link(join(ROOT, 'node_modules', name), name);
    for (const [name, path] of Object.entries(bin ?? {})) {
      chmodSync(join(own, path), 0o755);
      link(join(own, path), join('.bin', name));
    }
    this.write('package.json', '{ "private": true }');
  }

  #npm(cwd: string, ...args: readonly string[]): string {
    return this.#run(cwd, 'npm', ...args);
  }

  #run(cwd: string, program: string, ...args: readonly string[]): string {
    const env = ENVIRONMENT;
    const { status, stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: 'utf8' });
    if (status !== 0)
      throw new Error(`${program} ${args.join(' ')} ended with ${status ?? 'a signal'}:\n${stderr}`);
    return stdout;
  }
}
