import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Clock } from '../core/clock.ts';
import { isMissing } from '../core/file-errors.ts';
import type { EntryBody } from '../core/journal/journal.ts';

const LOOK_EVERY_MS = 100;
const TELL_EVERY_MS = 1_000;
const MICROSECONDS = 1_000;

/** What the kernel says at one look of what all programs of this machine have had, and waited for. */
export interface HostLook {
  /** Threads that run or wait for a processor, over the processors that there are. */
  readonly runnablePerCore: number;
  /** Processor time since boot, in ticks, and how much of it another virtual machine had while this one wanted it. */
  readonly ticks: number;
  readonly stolenTicks: number;
  /** Milliseconds since boot in which some program (processor), or all of them (memory, disks), stood still for want of it. */
  readonly stalledMs: Readonly<Partial<Record<'cpu' | 'memory' | 'io', number>>>;
}

/** Tells once a second how starved the machine is that this runs on; returns the way to stop. Without /proc nothing is told. */
export function watchHost(
  append: (body: EntryBody) => void,
  clock: Clock,
  look: () => HostLook | undefined = lookAtHost,
): () => void {
  let since = clock.now().monoMs;
  let first = look();
  let runnable: number[] = [];
  const timer = setInterval(() => {
    const last = look();
    if (last === undefined || first === undefined) return;
    runnable.push(last.runnablePerCore);
    const { monoMs } = clock.now();
    const overMs = monoMs - since;
    if (overMs < TELL_EVERY_MS) return;
    append({ kind: 'host.pressure', ...pressureBetween(first, last, runnable, overMs) });
    [since, first, runnable] = [monoMs, last, []];
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** What happened between two looks, over so many milliseconds. */
export function pressureBetween(
  first: HostLook,
  last: HostLook,
  runnable: readonly number[],
  overMs: number,
): Omit<Extract<EntryBody, { kind: 'host.pressure' }>, 'kind'> {
  const ticks = last.ticks - first.ticks;
  const shareOf = (what: keyof HostLook['stalledMs']): number | undefined => {
    const [before, after] = [first.stalledMs[what], last.stalledMs[what]];
    return before === undefined || after === undefined ? undefined : rounded((after - before) / overMs);
  };
  const shares = (['cpu', 'memory', 'io'] as const).flatMap((what) => {
    const share = shareOf(what);
    return share === undefined ? [] : [[what, share] as const];
  });
  return {
    overMs: Math.round(overMs),
    runnablePerCore: rounded(runnable.reduce((sum, one) => sum + one, 0) / Math.max(1, runnable.length)),
    stolenShare: ticks > 0 ? rounded((last.stolenTicks - first.stolenTicks) / ticks) : 0,
    stalledShares: Object.fromEntries(shares),
  };
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

/** Undefined where there is no /proc. */
function lookAtHost(): HostLook | undefined {
  const stat = textOf('/proc/stat');
  if (stat === undefined) return undefined;
  const pressures = (['cpu', 'memory', 'io'] as const).flatMap((what) => {
    const text = textOf(`/proc/pressure/${what}`);
    return text === undefined ? [] : [[what, readPressure(what, text)] as const];
  });
  return { ...readStat(stat, availableParallelism()), stalledMs: Object.fromEntries(pressures) };
}

/** From the text of /proc/stat: the line `cpu` (user nice system idle iowait irq softirq steal ...) and `procs_running`. */
export function readStat(text: string, cores: number): Omit<HostLook, 'stalledMs'> {
  const ticks = (/^cpu +(.*)$/m.exec(text)?.[1] ?? '').split(' ').slice(0, 8).map(Number);
  return {
    runnablePerCore: Number(/^procs_running (\d+)$/m.exec(text)?.[1] ?? 0) / cores,
    ticks: ticks.reduce((sum, one) => sum + one, 0),
    stolenTicks: ticks[7] ?? 0,
  };
}

/** From the text of a file of /proc/pressure: milliseconds since boot. */
export function readPressure(what: 'cpu' | 'memory' | 'io', text: string): number {
  const line = what === 'cpu' ? 'some' : 'full';
  return Number(new RegExp(`^${line} .*total=(\\d+)$`, 'm').exec(text)?.[1] ?? 0) / MICROSECONDS;
}

/** A kernel may be built without the files of /proc/pressure, or refuse to read them. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error) || (error as NodeJS.ErrnoException).code === 'EOPNOTSUPP') return undefined;
    throw error;
  }
}
