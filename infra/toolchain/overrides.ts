import { hash } from 'node:crypto';
import { access, constants, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import { ignoreMissing } from '../../harness/core/file-errors.ts';
import { tolerateReadOnly } from './cache.ts';
import type { Tool } from './component.ts';
import { digestOf } from './digest.ts';
import { overrideVariable } from './settings.ts';

/**
 * The tool that the environment names in place of ours. Its digest is remembered by size, time of change and inode, since
 * reading 100 MB again and again would cost more than everything else about a cached tool.
 *
 * @throws FiredrillError `toolchain.override-unusable`
 */
export async function overridden(
  tool: string,
  path: string,
  cacheFolder: string,
  signal?: AbortSignal,
): Promise<Tool> {
  const unusable = (why: string, cause?: unknown) =>
    new FiredrillError('toolchain.override-unusable', `${overrideVariable(tool)}=${path}: ${why}`, {
      hint: `Set it to an absolute path of an executable file named ${tool}, or unset it.`,
      cause,
    });
  if (!isAbsolute(path)) throw unusable('not an absolute path');
  // Programs find each other by these names: containerd its shim and the network plugins.
  if (basename(path) !== tool) throw unusable(`the file must be named ${tool}`);
  const stats = await stat(path).catch((error: unknown) => {
    throw unusable(messageOf(error), error);
  });
  if (!stats.isFile()) throw unusable('not a file');
  await access(path, constants.X_OK).catch((error: unknown) => {
    throw unusable('not executable', error);
  });
  const identity = hash('sha256', [path, stats.size, stats.mtimeMs, stats.ino].join('\0'));
  const sha256 = await remembered(join(cacheFolder, 'overrides', identity), () => digestOf(path, signal));
  return {
    name: tool,
    path,
    version: 'override',
    digest: `sha256:${sha256}`,
    source: 'override',
    cached: true,
  };
}

async function remembered(file: string, find: () => Promise<string>): Promise<string> {
  const known = (await readFile(file, 'utf8').catch(ignoreMissing)) ?? '';
  if (/^[0-9a-f]{64}$/.test(known)) return known;
  const found = await find();
  await remember(file, found).catch(tolerateReadOnly);
  return found;
}

async function remember(file: string, text: string): Promise<void> {
  const folder = dirname(file);
  // Asked first: of a folder that cannot be made on a read-only disk Node says that it is not there.
  await access(dirname(folder), constants.W_OK);
  await mkdir(folder, { recursive: true });
  await writeFile(`${file}.${process.pid}`, text);
  await rename(`${file}.${process.pid}`, file);
}
