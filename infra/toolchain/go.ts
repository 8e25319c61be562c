import { FiredrillError } from '../../harness/core/errors.ts';
import { findProgram, run } from './run.ts';

/** A Go tool chain that is new enough. */
export interface Go {
  readonly path: string;
  /** As in "go1.26.8". */
  readonly version: string;
}

const OLDEST = { major: 1, minor: 26 } as const;
const HINT = `Install Go ${OLDEST.major}.${OLDEST.minor} or newer from https://go.dev/dl, or set FIREDRILL_TOOL_<NAME> to binaries that you have.`;

/** True for "go1.26.8", "go1.26rc1" and newer. */
export function isNewEnough(version: string): boolean {
  const match = /^go(\d+)\.(\d+)/.exec(version);
  if (!match) return /^devel /.test(version);
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor);
}

/**
 * Finds Go on the PATH, or where its installer puts it.
 *
 * @throws FiredrillError `toolchain.go-missing`, `toolchain.go-too-old`
 */
export async function findGo(environment: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<Go> {
  const path =
    (await findProgram('go', environment['PATH'])) ?? (await findProgram('go', '/usr/local/go/bin'));
  if (path === undefined)
    throw new FiredrillError(
      'toolchain.go-missing',
      'Go is needed to build tools, and there is no go on the PATH',
      {
        hint: HINT,
        userError: true,
      },
    );
  const result = await run(path, ['env', 'GOVERSION'], {
    environment: { ...environment, GOTOOLCHAIN: 'local', GOFLAGS: '', GOWORK: 'off' },
    signal,
  });
  const version = result.output.trim();
  if (result.code === 0 && isNewEnough(version)) return { path, version };
  throw new FiredrillError(
    'toolchain.go-too-old',
    `${path} is ${version === '' ? `unusable (${result.lastErrors})` : version}; go${OLDEST.major}.${OLDEST.minor} or newer is needed`,
    { hint: HINT, userError: true },
  );
}
