import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as Esbuild from 'esbuild';
import { FiredrillError } from '../../harness/core/errors.ts';
import type { ServiceSource } from './definition.ts';
import { foreignPackages, manifestOf } from './packages.ts';

/** What a bundle was made of, to know later whether it still is. */
interface BundleNote {
  readonly digest: string;
  /** Absolute path -> size and times of the file. */
  readonly inputs: Readonly<Record<string, string>>;
}

const load = createRequire(import.meta.url);

/**
 * One CommonJS file of a program and everything that it imports; returns its content. CommonJS because Node
 * then starts neither its module loader nor its TypeScript stripper, which is more than half of the time that a small
 * service takes until it listens.
 *
 * A bundle whose sources did not change is not made again, and esbuild is not even loaded.
 *
 * @param store The folder in which bundles are kept
 */
export function bundleService(source: ServiceSource, store: string): Uint8Array {
  const directory = join(store, 'bundles');
  const entry = existingEntry(source.entry);
  const key = createHash('sha256')
    .update(JSON.stringify([entry, [...source.packages].sort(), builderVersion(), BUNDLE_FORM]))
    .digest('hex');
  const noteFile = join(directory, `${key}.json`);
  const known = readNote(noteFile);
  if (known !== undefined && isFresh(known)) {
    const file = join(directory, `${known.digest}.cjs`);
    if (existsSync(file)) {
      // Used today: not to be pruned.
      const now = new Date();
      utimesSync(file, now, now);
      return readFileSync(file);
    }
  }
  const { code, inputs } = bundle(entry, source.packages);
  const digest = createHash('sha256').update(code).digest('hex');
  const file = join(directory, `${digest}.cjs`);
  mkdirSync(directory, { recursive: true });
  replaceFile(file, code);
  const note: BundleNote = {
    digest,
    inputs: Object.fromEntries(inputs.map((path) => [path, identityOf(path) ?? ''])),
  };
  replaceFile(noteFile, JSON.stringify(note));
  return code;
}

/** Changes with the options below, so that bundles of an older form are not taken for current ones. */
const BUNDLE_FORM = 1;

function bundle(
  entry: string,
  packages: readonly string[],
): { readonly code: Uint8Array; readonly inputs: readonly string[] } {
  const esbuild = load('esbuild') as typeof Esbuild;
  const root = packageRootOf(entry);
  let result;
  try {
    result = esbuild.buildSync({
      entryPoints: [entry],
      absWorkingDir: root,
      bundle: true,
      write: false,
      metafile: true,
      outfile: 'bundle.cjs',
      platform: 'node',
      format: 'cjs',
      target: 'node24',
      // Stack traces of a pod must be readable without maps, so nothing is renamed.
      minify: false,
      logLevel: 'silent',
      tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
      define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
    });
  } catch (cause) {
    throw bundleError(entry, (cause as Partial<Esbuild.BuildFailure>).errors ?? [], cause);
  }
  if (result.warnings.length > 0) throw bundleError(entry, result.warnings, undefined);
  const inputs = Object.keys(result.metafile.inputs);
  const foreign = foreignPackages(inputs, root, packages, entry);
  if (foreign.length > 0) {
    throw new FiredrillError(
      'images.package-not-listed',
      `${entry} brings the packages ${foreign.join(', ')}, which its image does not list`,
      { hint: 'import only types from them, or list them in `packages` if the start-up time allows' },
    );
  }
  const code = result.outputFiles[0]?.contents;
  if (code === undefined) throw bundleError(entry, [], undefined);
  return { code, inputs: inputs.map((path) => resolve(root, path)) };
}

function bundleError(entry: string, messages: readonly Esbuild.Message[], cause: unknown): FiredrillError {
  const lines = messages.map(({ text, location }) =>
    location === null ? text : `${text} (${location.file}:${location.line})`,
  );
  return new FiredrillError('images.bundle-failed', `${entry} cannot become one file: ${lines.join('; ')}`, {
    cause,
    hint: 'services are CommonJS in their image: no top-level await, and of import.meta only dirname and filename',
  });
}

function existingEntry(entry: string | URL): string {
  const path = resolve(
    typeof entry === 'string' && !entry.startsWith('file:') ? entry : fileURLToPath(entry),
  );
  if (existsSync(path)) return path;
  const compiled = path.replace(/\.ts$/, '.js');
  if (existsSync(compiled)) return compiled;
  throw new FiredrillError('images.source-missing', `the service's entry ${path} does not exist`);
}

/** The nearest folder with a package.json: names in the bundle are relative to it, wherever the project lies. */
function packageRootOf(entry: string): string {
  for (let folder = dirname(entry); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
  }
  return dirname(entry);
}

function builderVersion(): string {
  const manifest = manifestOf('esbuild', import.meta.filename);
  if (manifest === undefined) {
    throw new FiredrillError('images.bundler-missing', 'the package esbuild is not installed');
  }
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

function readNote(file: string): BundleNote | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as BundleNote) : undefined;
}

function isFresh(note: BundleNote): boolean {
  return Object.entries(note.inputs).every(([path, identity]) => (identityOf(path) ?? '') === identity);
}

function identityOf(path: string): string | undefined {
  const facts = statSync(path, { bigint: true, throwIfNoEntry: false });
  return facts === undefined ? undefined : `${facts.ino} ${facts.size} ${facts.mtimeNs} ${facts.ctimeNs}`;
}

/** Writes beside the place and renames, so that another process sees the old file or the whole new one. */
function replaceFile(file: string, content: string | Uint8Array): void {
  const temporary = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
  writeFileSync(temporary, content);
  renameSync(temporary, file);
}
