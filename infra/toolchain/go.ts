import { readFile } from 'node:fs/promises';
import { FiredrillError } from '../../harness/core/errors.ts';
import { findProgram } from '../process/find-program.ts';
import { execute } from '../process/run.ts';

/** A Go tool chain that is new enough. */
export interface Go {
  readonly path: string;
  /** As in "go1.26.8". */
  readonly version: string;
  /** Where modules come from, as the user has set it. */
  readonly proxy: string;
}

/**
 * Settings under which nothing of the user's own takes part in a build, but the place that modules come from. The file of `go env -w` can
 * name programs that a build runs (`-toolexec`, GOCACHEPROG).
 */
export const NO_USER_SETTINGS = { GOENV: 'off', GOFLAGS: '', GOTOOLCHAIN: 'local', GOWORK: 'off' } as const;

/** Where the installer of go.dev puts it, on no PATH by itself. */
const INSTALLED_FOLDER = '/usr/local/go/bin';

/** The `go` line of a go.mod: the oldest Go that may build it, as in "1.26.6". */
export async function oldestGoFor(goMod: string): Promise<string> {
  const match = /^go (\d+\.\d+(?:\.\d+)?)$/m.exec(await readFile(goMod, 'utf8'));
  if (match?.[1] === undefined) throw new Error(`${goMod} has no go line`);
  return match[1];
}

/** Whether a version such as "go1.26.8" is at least `oldest`; release candidates count as older than their release. */
export function isNewEnough(version: string, oldest: string): boolean {
  if (version.startsWith('devel ')) return true;
  const match = /^go(\d+)\.(\d+)(?:\.(\d+))?(rc|beta)?/.exec(version);
  if (!match) return false;
  const preview = match[4] === undefined ? 0 : -1;
  const actual = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0) + preview];
  const wanted = oldest.split('.').map(Number);
  for (const [index, number] of actual.entries()) {
    const other = wanted[index] ?? 0;
    if (number !== other) return number > other;
  }
  return true;
}

/**
 * Finds Go on the PATH, or where its installer puts it.
 *
 * @param oldest As in "1.26.6"
 * @throws FiredrillError `toolchain.go-missing`, `toolchain.go-too-old`
 */
export async function findGo(
  environment: NodeJS.ProcessEnv,
  oldest: string,
  signal?: AbortSignal,
): Promise<Go> {
  const hint = `Install Go ${oldest} or newer from https://go.dev/dl, or set FIREDRILL_TOOL_<NAME> to programs that you have.`;
  const path = (await findProgram('go', environment['PATH'])) ?? (await findProgram('go', INSTALLED_FOLDER));
  if (path === undefined)
    throw new FiredrillError(
      'toolchain.go-missing',
      'Go is needed to build tools, and there is no go on the PATH',
      { hint },
    );
  const result = await execute(path, ['env', 'GOVERSION', 'GOPROXY'], {
    group: true,
    env: { ...environment, ...NO_USER_SETTINGS, GOENV: environment['GOENV'] },
    signal,
  });
  const [version = '', proxy = ''] = result.output.trim().split('\n');
  if (result.code === 0 && isNewEnough(version, oldest)) return { path, version, proxy };
  throw new FiredrillError(
    'toolchain.go-too-old',
    `${path} is ${version === '' ? `unusable (${result.errors.trim()})` : version}; go${oldest} or newer is needed`,
    { hint },
  );
}
