import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { clustersRoot } from '../../../infra/supervisor/cluster-directory.ts';
import { busyPrograms } from '../../testing/busy-programs.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { createRng } from '../../core/seed.ts';
import type { Verdict } from '../../core/verdict.ts';
import { CommandLine, ENVIRONMENT, type Started } from './command-line.ts';
import { groupsOf, processesNaming, statusOf, within } from './run-in-progress.ts';

/**
 * Whoever takes part in a trial is killed at instants of a seed, one in each tenth of it, and the machine is made short of what a trial
 * needs: nothing of ours is left, nothing of others is touched, and no verdict is false.
 */
const CLUSTER = `kills-${process.pid}`;
const SEED = Number(process.env.FIREDRILL_KILLS_SEED ?? 1);
const INSTANTS = 10;
/** Everything is undone within 7 s of the death of whoever made it; the rest is what a look takes. */
const UNDONE_WITHIN_MS = 12_000;
const SHORT_OF_PROCESSORS_MS = 30_000;
const BUSY_PROGRAMS = 32;
const SCENARIO = ['-g', 'a node hangs, and users come back beside others', '--cluster', CLUSTER];

const line = new CommandLine();
/** What others have on this machine, put there before. */
const foreign = {
  namespace: `foreign-${process.pid}`,
  file: join(clustersRoot(ENVIRONMENT), 'notes.txt'),
};
let runMs: number;

/** The process of a run, of its cluster's supervisor, or of a program in one of its pods. */
const ACTORS: Readonly<Record<string, (run: Started) => Promise<readonly number[]>>> = {
  launcher: (run) => Promise.resolve([run.process.pid ?? 0]),
  runner: (run) => Promise.resolve(ofRun(run, 'playwright')),
  worker: (run) => Promise.resolve(ofRun(run, 'workerProcessEntry')),
  supervisor: async () => [(await statusOf(CLUSTER)).pid],
  probe: () => Promise.resolve(inCluster('probe')),
  k6: () => Promise.resolve(inCluster('k6')),
  all: async (run) => [
    ...[run.process.pid ?? 0, (await statusOf(CLUSTER)).pid],
    ...ofRun(run, 'workerProcessEntry'),
    ...ofRun(run, 'playwright'),
  ],
};
const ENDING_THE_CLUSTER = ['supervisor', 'all'];

before(async () => {
  mkdirSync(clustersRoot(ENVIRONMENT), { recursive: true });
  writeFileSync(foreign.file, 'mine');
  execFileSync('ip', ['netns', 'add', foreign.namespace]);
  await bringUp();
  await isHeld(line);
  const sinceMs = performance.now();
  await isHeld(line);
  runMs = performance.now() - sinceMs;
});
after(async () => {
  await line.firedrill('down', '--name', CLUSTER);
  line[Symbol.dispose]();
  execFileSync('ip', ['netns', 'del', foreign.namespace]);
});

for (const [actor, pidsOf] of Object.entries(ACTORS))
  describe(`${actor} killed`, { concurrency: false }, () => {
    const rng = createRng(SEED);
    for (let tenth = 0; tenth < INSTANTS; tenth++) {
      const share = (tenth + rng.next()) / INSTANTS;
      it(`at ${Math.round(share * 100)} % of a run, seed ${SEED}: nothing is left, and no verdict is false`, async () => {
        const { latest } = line;
        const run = line.start(SCENARIO);
        await delay(share * runMs);
        const pids = await untilThere(run, pidsOf);
        for (const pid of pids) process.kill(pid, 'SIGKILL');
        await run.ended;
        if (ENDING_THE_CLUSTER.includes(actor) && pids.length > 0) await replaceCluster();
        await nothingLeft();
        if (line.latest !== latest) await noFalseVerdict();
      });
    }

    it('and the next run is held', () => isHeld(line));
  });

describe('a machine that is short of', { concurrency: false }, () => {
  it('disk: the run ends, nothing is left, and no verdict is false', async () => {
    const directory = temporaryDirectory('full');
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=192k', 'tmpfs', directory]);
    try {
      using short = new CommandLine(ENVIRONMENT, directory);
      const { exitCode, output } = await short.test(SCENARIO);
      assert.notEqual(exitCode, 0, output);
      assert.notEqual(exitCode, 1, output);
      assert.match(output, /ENOSPC|no space/);
      await nothingLeft();
    } finally {
      execFileSync('umount', [directory]);
    }
  });

  it('descriptors: the run ends, nothing is left, and no verdict is false', async () => {
    const run = line.start(SCENARIO);
    execFileSync('prlimit', ['--pid', String(run.process.pid), '--nofile=48:48']);
    await run.ended;
    await nothingLeft();
    await noFalseVerdict();
  });

  it('processors, for 30 s: nothing is left, and no verdict is false', async () => {
    const run = line.start(SCENARIO);
    await run.untilPrinted(/firedrill ·/);
    using busy = busyPrograms(BUSY_PROGRAMS);
    await Promise.race([delay(SHORT_OF_PROCESSORS_MS), run.ended]);
    busy[Symbol.dispose]();
    await run.ended;
    await nothingLeft();
    await noFalseVerdict();
  });

  it('nothing any more: the next run is held', () => isHeld(line));
});

describe('a clock that is set forward by an hour in the middle of a run', () => {
  const STEP = `
    const { now } = Date, since = now();
    Date.now = () => now() + (now() - since > 8_000 ? 3_600_000 : 0);`;

  it('makes no verdict false, and leaves nothing', async () => {
    const preload = `--import=data:text/javascript,${encodeURIComponent(STEP)}`;
    await line.test(SCENARIO, { NODE_OPTIONS: preload });
    await nothingLeft();
    await noFalseVerdict();
  });
});

async function bringUp(): Promise<void> {
  const { exitCode, output } = await line.firedrill('up', '--name', CLUSTER);
  assert.equal(exitCode, 0, output);
}

async function replaceCluster(): Promise<void> {
  await line.firedrill('reap');
  assert.deepEqual(groupsOf(CLUSTER), []);
  await bringUp();
}

async function isHeld(commands: CommandLine): Promise<void> {
  const { exitCode, output } = await commands.test(SCENARIO);
  assert.equal(exitCode, 0, output);
}

/** A run that was disturbed may say that it proves nothing; what it says instead has to be true, and its journal has to say the same. */
async function noFalseVerdict(): Promise<void> {
  for (const verdict of line.verdicts().values()) {
    assert.notEqual(verdict.outcome, 'violated', verdict.reason);
    const journal = join(line.latest, 'trials', verdict.trialId, 'journal.jsonl');
    const again = JSON.parse((await line.firedrill('analyze', journal, '--json')).output) as Verdict;
    assert.equal(again.outcome, verdict.outcome, `${basename(line.latest)}: ${again.reason}`);
  }
}

async function nothingLeft(): Promise<void> {
  await within(UNDONE_WITHIN_MS, async () => {
    const { phase, holds, nodes } = await statusOf(CLUSTER);
    const broken = nodes.filter(({ power, frozen, cableOut }) => power !== 'on' || frozen || cableOut);
    const ours = processesNaming(line.directory);
    return [
      ...(phase === 'ready' ? [] : [`the cluster is ${phase}`]),
      ...holds.map(() => 'somebody holds the cluster'),
      ...broken.map(({ name }) => `${name} is broken`),
      ...ours.map((pid) => `process ${pid}`),
    ].join(', ');
  });
  assert.ok(existsSync(foreign.file), 'the file of others');
  assert.ok(existsSync(join('/run/netns', foreign.namespace)), 'the network namespace of others');
}

/** Those whom an actor is at the moment, or none when the run has ended without it. */
async function untilThere(run: Started, pidsOf: (run: Started) => Promise<readonly number[]>) {
  while (run.process.exitCode === null && run.process.signalCode === null) {
    const pids = await pidsOf(run);
    if (pids.length > 0) return pids;
    await delay(20);
  }
  return [];
}

function ofRun(run: Started, text: string): readonly number[] {
  return processesNaming(text).filter((pid) => isBelow(pid, run.process.pid ?? 0));
}

function isBelow(pid: number, ancestor: number): boolean {
  for (let one = pid; one > 1; one = parentOf(one)) if (one === ancestor) return true;
  return false;
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(textOf(`/proc/${pid}/status`))?.[1] ?? 0);
}

/** Processes of this machine that run in a pod of the cluster, by the name of their program. */
function inCluster(program: string): readonly number[] {
  const groups = groupsOf(CLUSTER).map((path) => basename(path));
  return processesNaming(program).filter((pid) => {
    const [word = ''] = textOf(`/proc/${pid}/cmdline`).split('\0');
    const group = textOf(`/proc/${pid}/cgroup`);
    return basename(word) === program && groups.some((name) => group.includes(name));
  });
}

/** A process may end between two reads: then nothing is told of it. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
