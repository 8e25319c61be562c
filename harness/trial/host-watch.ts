import type { Cluster, Footprint } from '../../infra/cluster.ts';
import type { Clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import { given } from '../core/given.ts';
import type { EntryBody } from '../core/journal/journal.ts';
import { kernelText } from '../core/kernel-text.ts';
import { lookAtOwn, ownMsBetween, TICK_MS, type OwnLook } from './own-processor-time.ts';

const LOOK_EVERY_MS = 100;
const TELL_EVERY_MS = 1_000;
const MICROSECONDS = 1_000;
const UNSAID_YET = 'the cluster has not said yet what of it runs on this machine';
const UNSAID = 'the cluster does not say what of it runs on this machine';
const CAME_OR_WENT = 'a node came or went, or its control group cannot be read';

/** What the kernel says at one look of what all programs of this machine have had, and waited for. */
interface ProcessorLook {
  /** Threads that run or wait for a processor, over the processors that there are. */
  readonly runnablePerCore: number;
  readonly cores: number;
  /** Processor time since boot, in ticks: all of it, what nobody wanted, and what another virtual machine had while this one wanted it. */
  readonly ticks: number;
  readonly idleTicks: number;
  readonly stolenTicks: number;
}

/** What is read once for each second that is told. */
export interface HostLook {
  readonly processors: ProcessorLook;
  /** Milliseconds since boot in which some program (processor), or all of them (memory, disks), stood still for want of it. */
  readonly stalledMs: Readonly<Partial<Record<'cpu' | 'memory' | 'io', number>>>;
  /** What ours have had of it, or why that is not known. */
  readonly own: OwnLook | string;
}

/** The eyes of the watch: replaced in tests. */
interface HostSight {
  /** Undefined where there is no /proc. */
  readonly processors: () => ProcessorLook | undefined;
  readonly stalls: () => HostLook['stalledMs'];
}

/**
 * Tells once a second how starved the machine is that this runs on, and by whom; returns the way to stop. Without /proc nothing is told.
 *
 * @param processes pids of the run's own, which are no more others than the cluster is
 */
export function watchHost(
  append: (body: EntryBody) => void,
  clock: Clock,
  cluster: Pick<Cluster, 'footprint'>,
  processes: readonly number[],
  sight: HostSight = { processors: lookAtProcessors, stalls: lookAtStalls },
): () => void {
  let footprint: Footprint | string = UNSAID_YET;
  const ask = async (): Promise<void> => {
    footprint = await cluster.footprint().then((known) => known ?? UNSAID, messageOf);
  };
  const lookWith = (processors: ProcessorLook): HostLook => ({
    ...{ processors, stalledMs: sight.stalls() },
    own: typeof footprint === 'string' ? footprint : (lookAtOwn(footprint, processes) ?? CAME_OR_WENT),
  });
  const start = sight.processors();
  if (start === undefined) return () => undefined;
  void ask();
  let since = clock.now().monoMs;
  let first = lookWith(start);
  let slices = [start];
  const timer = setInterval(() => {
    const processors = sight.processors();
    if (processors === undefined) return;
    slices.push(processors);
    const { monoMs } = clock.now();
    const overMs = monoMs - since;
    if (overMs < TELL_EVERY_MS) return;
    const last = lookWith(processors);
    append({ kind: 'host.pressure', ...pressureBetween(first, last, slices, overMs) });
    [since, first, slices] = [monoMs, last, [processors]];
    void ask();
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * What happened between two looks, over so many milliseconds.
 *
 * @param slices all looks at the processors, the first and the last among them
 */
export function pressureBetween(
  first: HostLook,
  last: HostLook,
  slices: readonly ProcessorLook[],
  overMs: number,
): Omit<Extract<EntryBody, { kind: 'host.pressure' }>, 'kind'> {
  const passed = passedBetween(first.processors, last.processors);
  const looks = slices.slice(1);
  // Some processor was idle for no larger a share of the time than the mean number of those that were.
  const noneIdleTicks = looks.map((look, index) => {
    const slice = passedBetween(slices[index] ?? look, look);
    return slice.ticks * Math.max(0, 1 - slice.idleShare * look.cores);
  });
  const stalled = (['cpu', 'memory', 'io'] as const).flatMap((what) => {
    const [before, after] = [first.stalledMs[what], last.stalledMs[what]];
    if (before === undefined || after === undefined) return [];
    return [[what, rounded((after - before) / overMs)] as const];
  });
  return {
    overMs: Math.round(overMs),
    runnablePerCore: rounded(sumOf(looks.map((look) => look.runnablePerCore)) / Math.max(1, looks.length)),
    stolenShare: rounded(passed.stolenShare),
    idleShare: rounded(passed.idleShare),
    noneIdleShare: rounded(sumOf(noneIdleTicks) / Math.max(1, passed.ticks)),
    ...othersBetween(first.own, last.own, passed),
    ...given({ throttledShares: throttledBetween(first.own, last.own, overMs) }),
    stalledShares: Object.fromEntries(stalled),
  };
}

interface Passed {
  readonly ticks: number;
  readonly idleShare: number;
  readonly stolenShare: number;
}

/** Nothing was idle, and nothing stolen, in no time. */
function passedBetween(first: ProcessorLook, last: ProcessorLook): Passed {
  const ticks = last.ticks - first.ticks;
  const shareOf = (what: 'idleTicks' | 'stolenTicks'): number =>
    ticks > 0 ? (last[what] - first[what]) / ticks : 0;
  return { ticks, idleShare: shareOf('idleTicks'), stolenShare: shareOf('stolenTicks') };
}

/** All that was not idle and not ours, what was stolen among it. */
function othersBetween(
  first: HostLook['own'],
  last: HostLook['own'],
  { ticks, idleShare }: Passed,
): { readonly othersShare: number } | { readonly othersUnknown: string } {
  if (typeof first === 'string') return { othersUnknown: first };
  if (typeof last === 'string') return { othersUnknown: last };
  const ownMs = ownMsBetween(first, last);
  if (ownMs === undefined || ticks <= 0) return { othersUnknown: CAME_OR_WENT };
  return { othersShare: rounded(Math.max(0, 1 - idleShare - ownMs / (ticks * TICK_MS))) };
}

/** Of each node whose control group has a quota the time for which it was kept from the processors; undefined where none has one. */
function throttledBetween(
  first: HostLook['own'],
  last: HostLook['own'],
  overMs: number,
): Readonly<Record<string, number>> | undefined {
  if (typeof first === 'string' || typeof last === 'string') return undefined;
  const shares = Object.entries(last.nodes).flatMap(([node, { throttledMs }]) => {
    const before = first.nodes[node]?.throttledMs;
    if (throttledMs === undefined || before === undefined) return [];
    return [[node, rounded((throttledMs - before) / overMs)] as const];
  });
  return shares.length === 0 ? undefined : Object.fromEntries(shares);
}

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;

const sumOf = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0);

function lookAtProcessors(): ProcessorLook | undefined {
  const stat = kernelText('/proc/stat');
  return stat === undefined ? undefined : readStat(stat);
}

function lookAtStalls(): HostLook['stalledMs'] {
  const pressures = (['cpu', 'memory', 'io'] as const).flatMap((what) => {
    const text = kernelText(`/proc/pressure/${what}`);
    return text === undefined ? [] : [[what, readPressure(what, text)] as const];
  });
  return Object.fromEntries(pressures);
}

/** From the text of /proc/stat: the lines `cpu` (user nice system idle iowait irq softirq steal ...), one for each processor, and `procs_running`. */
export function readStat(text: string): ProcessorLook {
  const ticks = (/^cpu +(.*)$/m.exec(text)?.[1] ?? '').split(' ').slice(0, 8).map(Number);
  const cores = Math.max(1, text.match(/^cpu\d/gm)?.length ?? 0);
  return {
    runnablePerCore: Number(/^procs_running (\d+)$/m.exec(text)?.[1] ?? 0) / cores,
    cores,
    ticks: ticks.reduce((sum, one) => sum + one, 0),
    idleTicks: (ticks[3] ?? 0) + (ticks[4] ?? 0),
    stolenTicks: ticks[7] ?? 0,
  };
}

/** From the text of a file of /proc/pressure: milliseconds since boot. */
export function readPressure(what: 'cpu' | 'memory' | 'io', text: string): number {
  const line = what === 'cpu' ? 'some' : 'full';
  return Number(new RegExp(`^${line} .*total=(\\d+)$`, 'm').exec(text)?.[1] ?? 0) / MICROSECONDS;
}
