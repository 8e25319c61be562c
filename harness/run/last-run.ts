import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readJsonFile } from '../../infra/supervisor/cluster-directory.ts';
import { FiredrillError } from '../core/errors.ts';
import { isRecord } from '../core/is-record.ts';
import { isAmong, valueAmong } from './runner-options.ts';
import type { TestArguments } from './test-arguments.ts';

/** By it the test runner learns where it looks for what failed last, and writes it when it has come to its end. */
const VARIABLE = 'PLAYWRIGHT_LAST_RUN_OUTPUT_FILE';

/** An environment in which what failed last is kept beside the runs, each of which has a folder of its own. */
export function withLastRun(env: NodeJS.ProcessEnv, workingDirectory: string): NodeJS.ProcessEnv {
  return { [VARIABLE]: join(workingDirectory, '.firedrill', 'last-run.json'), ...env };
}

/**
 * Refuses to choose what failed last where that is not known: the test runner would choose everything.
 * @throws FiredrillError `arguments.malformed`
 */
export function requireLastRun(args: Pick<TestArguments, 'passedOn'>, env: NodeJS.ProcessEnv): void {
  if (!isAmong(args.passedOn, '--last-failed')) return;
  const path = pathOf(args, env) ?? '';
  const last = readJsonFile(path);
  if (isRecord(last) && Array.isArray(last['failedTests'])) return;
  throw new FiredrillError('arguments.malformed', `--last-failed: ${path} does not say what failed last`, {
    hint: 'a run writes it that comes to its end: run without --last-failed first, or name another file by --last-failed-file',
  });
}

/** Before a run that chooses otherwise: one that is cut off has no last failures, and those of an older one are not its own. */
export function forgetLastRun(args: Pick<TestArguments, 'passedOn'>, env: NodeJS.ProcessEnv): void {
  const path = pathOf(args, env);
  if (path !== undefined && !isAmong(args.passedOn, '--last-failed')) rmSync(path, { force: true });
}

function pathOf({ passedOn }: Pick<TestArguments, 'passedOn'>, env: NodeJS.ProcessEnv): string | undefined {
  return valueAmong(passedOn, '--last-failed-file') ?? env[VARIABLE];
}
