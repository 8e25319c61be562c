/**
 * `npm run check:lab`: the embedded cluster on another kind of machine, a guest of User Mode Linux that has nothing but cgroup
 * version 2 and is slow and unkind in other ways, step after step with the time of each.
 * The last line is `N passed, N failed`.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeTemporaryFolder } from '../infra/process/temporary-folder.ts';
import { cacheRoot } from '../infra/toolchain/settings.ts';
import { ensurePrograms } from '../infra/toolchain/system.ts';
import { runGuest } from './lab/guest.ts';
import { guestRoot } from './lab/guest-root.ts';
import { heard, type StepVerdict } from './lab/verdict.ts';
import { exitCodeOf, exitCodeOfError, readOrTell, untilInterrupted } from './suites/command-line.ts';
import { runProgram } from './suites/command.ts';
import { verdictLine } from './suites/tally.ts';

const PROGRAMS = {
  'linux.uml': 'user-mode-linux',
  mmdebstrap: 'mmdebstrap',
  'mkfs.ext4': 'e2fsprogs',
  setpriv: 'util-linux',
  gcc: 'gcc',
} as const;
/** A guest has one processor, and one of its system calls costs some 70 of the machine's. */
const GUEST_PATIENCE = 10;

const USAGE = `usage: npm run check:lab [-- --help]

Makes a guest of Debian packages, once, boots it as User Mode Linux (root, x64), and in about 5 minutes tries in it: the tests of
control groups, a cluster on cgroup version 2, a container killed, a node frozen, powered off and on, its supervisor killed,
reap, and whether the guest is as before. It cannot show recovery times, systemd as the owner of the groups, or arm64.
`;

readOrTell(USAGE, () => {
  parseArgs({ options: {} });
  if (process.arch !== 'x64') throw new Error(`User Mode Linux runs on x64 only, this is ${process.arch}`);
});
const project = join(import.meta.dirname, '..');
const write = (line: string): void => void process.stdout.write(`${line}\n`);
const tally = { passed: 0, failed: 0, skipped: 0 };
/** Lines of a kernel's last words that tell a reader nothing. */
const STACK = /^ \[?<?[0-9a-f]{8}|^(Stack|Call Trace):/;
/** Whether the guest has said that it tried everything. */
const end = { isReached: false };

function count({ step, ok, detail, seconds }: StepVerdict): void {
  tally[ok ? 'passed' : 'failed']++;
  write(`${ok ? '✓' : '✗'} ${step.padEnd(24)} ${seconds.toFixed(1).padStart(6)} s  ${detail}`);
}

/** Runs the steps in a guest and counts them; one that ends before all were tried has failed, too. */
async function runSteps(signal: AbortSignal): Promise<void> {
  const options = { environment: process.env, signal, onProgress: write };
  const { 'linux.uml': kernel, mmdebstrap, 'mkfs.ext4': mkfs, gcc } = await ensurePrograms(PROGRAMS, options);
  const tools = await runProgram([join(project, 'harness/cli/firedrill.ts'), 'toolchain', 'get'], signal, {
    output: 'kept',
  });
  if (tools.code !== 0) throw new Error(`the tool chain is not complete: ${tools.output}`);
  const cache = cacheRoot(process.env);
  const lab = join(cache, 'lab');
  const root = await guestRoot({ cache: lab, mmdebstrap, write, signal });
  const folder = makeTemporaryFolder('fd-lab-');
  rmSync(join(lab, 'shared', 'logs'), { recursive: true, force: true });
  const said: string[] = [];
  try {
    const places = { root, project, folder, tools: join(cache, 'tools'), shared: join(lab, 'shared') };
    const onLine = (line: string): void => {
      const verdict = heard(line);
      if (verdict === undefined) {
        if (!STACK.test(line)) said.push(line);
      } else if (verdict.step === 'end') end.isReached = true;
      else count(verdict);
    };
    await runGuest({ ...places, kernel, mkfs, gcc, patience: GUEST_PATIENCE, onLine, signal });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  signal.throwIfAborted();
  if (!end.isReached && tally.failed === 0)
    count({ step: 'end', ok: false, detail: 'not reached', seconds: 0 });
  if (tally.failed > 0)
    write(
      `logs of its cluster, if there was one: ${join(lab, 'shared', 'logs')}; the guest said:\n${said.slice(-40).join('\n')}`,
    );
}

using interruption = untilInterrupted();
const { signal } = interruption;
try {
  await runSteps(signal);
  process.exitCode = exitCodeOf(tally.failed, 0, signal);
} catch (error) {
  process.exitCode = signal.aborted ? exitCodeOf(0, 0, signal) : exitCodeOfError(error);
  if (!signal.aborted) tally.failed++;
}
write(verdictLine(tally));
