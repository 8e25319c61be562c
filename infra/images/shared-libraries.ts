import { execFileSync } from 'node:child_process';
import { FiredrillError } from '../../harness/core/errors.ts';
import { needsLoader } from './elf.ts';

/**
 * Absolute paths of the shared libraries that a program is started with, the dynamic loader among them; none for a
 * static program.
 */
export function sharedLibrariesOf(program: string): readonly string[] {
  // Most of what we pack is static, and asking ldd means to start a shell.
  if (needsLoader(program) === false) return [];
  let listing: string;
  try {
    // Its messages are read below, in no language but English.
    listing = execFileSync('env', ['LC_ALL=C', 'ldd', program], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (cause) {
    const { stdout, stderr } = cause as Partial<Record<'stdout' | 'stderr', string>>;
    const said = `${stdout ?? ''} ${stderr ?? ''}`;
    if (/not a (valid )?dynamic (executable|program)|statically linked/i.test(said)) return [];
    throw new FiredrillError('images.libraries-unknown', `ldd could not name the libraries of ${program}`, {
      cause,
      hint: 'the program ldd (package libc-bin) must be there, and the program must be for this machine',
    });
  }
  return parseLdd(listing, program);
}

/** Reads what ldd prints; fails with `images.library-missing` when one was not found. */
export function parseLdd(listing: string, program: string): readonly string[] {
  const paths = new Set<string>();
  for (const line of listing.split('\n')) {
    if (line.includes('=> not found')) {
      throw new FiredrillError(
        'images.library-missing',
        `${program} needs ${line.trim().split(' ')[0] ?? ''}, which is not on this machine`,
      );
    }
    const path = /(?:=>\s+|^\s+)(\/\S+)\s+\(0x/.exec(line)?.[1];
    if (path !== undefined) paths.add(path);
  }
  return [...paths].sort();
}
