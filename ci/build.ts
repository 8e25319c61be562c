/**
 * `npm pack` runs this: compiled JavaScript and type declarations in dist/, with what is read at run time beside them
 * in the same folders. Node takes no TypeScript from node_modules, so a package cannot be our sources.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = dirname(import.meta.dirname);
const DIST = join(ROOT, 'dist');

/** Folders with files that are no TypeScript and yet ours: scripts, manifests, recipes of the tool chain. */
const WITH_ASSETS = '{harness,healers,infra,scenarios/workloads}/**/*';
const NO_ASSET = /\.(ts|md)$/;
/** What only tests read. */
const OF_TESTS = /(^|\/)(testing|cli\/meta)\//;

/** Files that are shipped as they are, relative to the root. */
function assets(): string[] {
  return globSync(WITH_ASSETS, { cwd: ROOT, withFileTypes: true })
    .filter((entry) => entry.isFile() && !NO_ASSET.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1))
    .filter((path) => !OF_TESTS.test(path));
}

// What was renamed or removed since must not be shipped.
rmSync(DIST, { recursive: true, force: true });
const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
const project = join(ROOT, 'tsconfig.build.json');
// npm pack prints the name of the archive on standard output: nothing else belongs there.
const { status } = spawnSync(process.execPath, [compiler, '-p', project], { stdio: ['ignore', 2, 2] });
if (status === 0) for (const file of assets()) cpSync(join(ROOT, file), join(DIST, file));
else process.exitCode = 1;
