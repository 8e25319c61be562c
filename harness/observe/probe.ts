import { pause, systemClock, type Clock } from '../core/clock.ts';
import { FiredrillError, messageOf } from '../core/errors.ts';
import { given } from '../core/given.ts';
import type { ProbeHelloLine, ProbeLine, ProbeTargetSpec } from '../../infra/agents/probe/protocol.ts';
import { readClock, type ClockMap } from './clock-map.ts';
import { exchange, exchangeJson, openLines, type Connect } from '../../infra/http/http.ts';
import { isAborted, watchUntilStopped, type Append, type StartObserver } from './observer.ts';

interface ProbeOptions {
  readonly connect: Connect;
  readonly token: string;
  readonly target: ProbeTargetSpec;
  /** The boot that the harness's monotonic clock counts from. */
  readonly bootId: string;
  readonly clock?: Clock;
}

const TIMEOUT_MS = 3_000;
/** The agent sends a beat every second. */
const SILENCE_LIMIT_MS = 3_000;
const RETRY_MS = 200;
/** What the last requests need to be decided after the target was told to stop. */
const FAREWELL_MS = 4_000;

/** Where the reader stands in the stream; numbers go on when the agent begins anew. */
interface Cursor {
  instance: string | undefined;
  /** The agent's next number. */
  nextSeq: number;
  /** Added to the agent's numbers, so that a new instance's numbers follow the old one's. */
  baseSeq: number;
  /** Due instant of the last sample or gap, on our clock. */
  lastDueMonoMs: number;
}

/** Sets up a target at the probe agent and journals every one of its samples, whatever happens to the stream. */
export function observeProbe(options: ProbeOptions): StartObserver {
  const { connect, token, target } = options;
  const clock = options.clock ?? systemClock;
  return async (append, signal) => {
    const observer = `probe:${target.name}`;
    await setUp(options, signal);
    const map = await readClock(connect, { clock, bootId: options.bootId, token, signal });
    journalClock(append, target.name, map);
    const cursor: Cursor = { instance: undefined, nextSeq: 0, baseSeq: 0, lastDueMonoMs: clock.now().monoMs };
    const read = async (running: AbortSignal): Promise<void> => {
      while (!running.aborted) {
        try {
          if (
            await readStream({
              connect,
              token,
              append,
              cursor,
              map,
              clock,
              name: target.name,
              signal: running,
            })
          )
            return;
        } catch (error) {
          if (isAborted(running)) return;
          append({ kind: 'note', text: `${observer}: ${messageOf(error)}; resuming at ${cursor.nextSeq}` });
          await pause(clock, RETRY_MS, running);
          await setUpAgain(options, append, running);
        }
      }
    };
    return watchUntilStopped(observer, append, signal, read, (done) =>
      farewell(options, append, map, clock, done),
    );
  };
}

interface Reading {
  readonly connect: Connect;
  readonly token: string;
  readonly append: Append;
  readonly cursor: Cursor;
  readonly map: ClockMap;
  readonly clock: Clock;
  readonly name: string;
  readonly signal: AbortSignal;
}

/** Reads until the stream breaks (rejects), or the target has stopped (true). */
async function readStream(reading: Reading): Promise<boolean> {
  const { cursor, connect, token, name, signal } = reading;
  const instance = cursor.instance === undefined ? '' : `&instance=${encodeURIComponent(cursor.instance)}`;
  const stream = await openLines(connect, {
    path: `/samples?target=${encodeURIComponent(name)}&from=${cursor.nextSeq}${instance}`,
    token,
    timeoutMs: TIMEOUT_MS,
    silenceLimitMs: SILENCE_LIMIT_MS,
    signal,
  });
  if (stream.status === 410) {
    beginAnew(reading);
    return false;
  }
  if (stream.status !== 200)
    throw new FiredrillError('observe.http-status', `the probe answered ${stream.status}`);
  for await (const line of stream.lines) {
    if (take(reading, line as ProbeLine)) return true;
  }
  throw new FiredrillError('observe.cut', 'the stream of samples ended');
}

/** Journals one line; true for the last one. */
function take(reading: Reading, line: ProbeLine): boolean {
  const { append, cursor, map, name } = reading;
  switch (line.type) {
    case 'hello':
      greet(reading, line);
      return false;
    case 'beat':
      return false;
    case 'end':
      return line.reason === 'stopped';
    case 'gap':
      cursor.nextSeq = line.toSeq + 1;
      cursor.lastDueMonoMs = map.toHere(line.toDueMonoMs);
      tellGap(
        reading,
        { ...line, fromMonoMs: map.toHere(line.fromDueMonoMs), toMonoMs: cursor.lastDueMonoMs },
        line.reason === 'late' ? 'the probe had no CPU' : 'the reader came too late',
      );
      return false;
    case 'sample': {
      cursor.nextSeq = line.seq + 1;
      cursor.lastDueMonoMs = map.toHere(line.dueMonoMs);
      const probeSeq = cursor.baseSeq + line.seq;
      const dueMonoMs = cursor.lastDueMonoMs;
      if (line.outcome === 'local') {
        const { seq } = line;
        const at = { fromSeq: seq, toSeq: seq, fromMonoMs: dueMonoMs, toMonoMs: dueMonoMs };
        tellGap(reading, at, `the probe itself could not send: ${line.error ?? 'no reason given'}`);
        return false;
      }
      append({
        kind: 'probe.sample',
        target: name,
        probeSeq,
        dueMonoMs,
        ok: line.outcome === 'ok',
        latencyMs: line.latencyMs,
        lateMs: line.lateMs,
        ...given({ status: line.status }),
        ...(line.outcome === 'ok'
          ? {}
          : { error: line.error === undefined ? line.outcome : `${line.outcome}: ${line.error}` }),
      });
      return false;
    }
  }
}

/** Journals numbers without a sample; the numbers are the agent's, the instants ours. */
function tellGap(
  { append, cursor, name }: Reading,
  gap: {
    readonly fromSeq: number;
    readonly toSeq: number;
    readonly fromMonoMs: number;
    readonly toMonoMs: number;
  },
  reason: string,
): void {
  const { fromMonoMs, toMonoMs } = gap;
  const [fromSeq, toSeq] = [cursor.baseSeq + gap.fromSeq, cursor.baseSeq + gap.toSeq];
  append({ kind: 'probe.gap', target: name, fromSeq, toSeq, fromMonoMs, toMonoMs, reason });
}

function greet({ cursor, map }: Reading, hello: ProbeHelloLine): void {
  if (hello.bootId !== map.bootId) {
    throw new FiredrillError(
      'observe.probe-rebooted',
      `the probe's machine is another one now (boot ${hello.bootId})`,
    );
  }
  cursor.instance = hello.instance;
}

/** The agent or its target was started anew: all since the last sample is lost, and numbering goes on behind it. */
function beginAnew(reading: Reading): void {
  const { cursor, clock } = reading;
  const { nextSeq, lastDueMonoMs: fromMonoMs } = cursor;
  const lost = { fromSeq: nextSeq, toSeq: nextSeq, fromMonoMs, toMonoMs: clock.now().monoMs };
  tellGap(reading, lost, 'the probe was started anew');
  cursor.baseSeq += nextSeq + 1;
  cursor.nextSeq = 0;
  cursor.instance = undefined;
}

async function setUp(
  { connect, token, target }: Pick<ProbeOptions, 'connect' | 'token' | 'target'>,
  signal: AbortSignal,
): Promise<void> {
  await exchangeJson(connect, {
    method: 'POST',
    path: '/targets',
    json: target,
    token,
    timeoutMs: TIMEOUT_MS,
    signal,
  });
}

/** After a break the agent may have lost the target. */
async function setUpAgain(options: ProbeOptions, append: Append, signal: AbortSignal): Promise<void> {
  try {
    await setUp(options, signal);
  } catch (error) {
    if (!signal.aborted) append({ kind: 'note', text: `probe:${options.target.name}: ${messageOf(error)}` });
  }
}

/** Stops the target, lets the stream bring its last samples, and compares the clocks once more. */
async function farewell(
  { connect, token, target, bootId }: ProbeOptions,
  append: Append,
  before: ClockMap,
  clock: Clock,
  ended: Promise<unknown>,
): Promise<void> {
  const signal = AbortSignal.timeout(FAREWELL_MS);
  try {
    if (!before.sameBoot) {
      const after = await readClock(connect, { clock, bootId, token, signal });
      const driftMs = Math.abs(after.offsetMs - before.offsetMs);
      journalClock(append, target.name, {
        ...after,
        errorMs: Math.max(before.errorMs, after.errorMs) + driftMs,
      });
    }
    const path = `/targets/${encodeURIComponent(target.name)}`;
    await exchange(connect, { method: 'DELETE', path, token, timeoutMs: FAREWELL_MS, signal });
    await Promise.race([ended, clock.sleep(FAREWELL_MS, signal)]);
  } catch (error) {
    append({
      kind: 'note',
      text: `probe:${target.name}: stopped without its last samples: ${messageOf(error)}`,
    });
  }
}

function journalClock(append: Append, target: string, map: ClockMap): void {
  const { sameBoot, offsetMs, errorMs } = map;
  append({ kind: 'probe.clock', target, sameBoot, offsetMs, errorMs });
}
