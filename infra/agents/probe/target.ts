import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { messageOf } from '../../../harness/core/errors.ts';
import { given } from '../../../harness/core/given.ts';
import type { MachineClock } from '../http/machine-clock.ts';
import { streamLines, type LineStream } from '../http/ndjson.ts';
import { SampleBuffer } from './buffer.ts';
import { exchange, type Exchange } from './exchange.ts';
import type {
  ProbeBeatLine,
  ProbeEndLine,
  ProbeGapLine,
  ProbeHelloLine,
  ProbeSampleLine,
  ProbeTargetState,
} from './protocol.ts';
import { resolveEach, resolveOnce, type Resolve } from './resolver.ts';
import { dueMonoMs, dueWork, type Schedule } from './schedule.ts';
import type { SourcePorts } from './source-ports.ts';
import type { CompleteSpec } from './spec.ts';
import { Tally } from './tally.ts';

/** How long the buffer reaches back. */
const BUFFER_MS = 600_000;
const BEAT_MS = 1_000;

/** One target under way: sends a request at each due instant, keeps the samples, and feeds the open streams. */
export class ProbeTarget {
  readonly spec: CompleteSpec;
  readonly tally = new Tally();
  readonly #instance = randomUUID();
  readonly #clock: MachineClock;
  readonly #ports: SourcePorts;
  readonly #schedule: Schedule;
  readonly #buffer: SampleBuffer;
  readonly #address: string | undefined;
  readonly #resolve: Resolve;
  readonly #port: number;
  readonly #head: string;
  readonly #streams = new Set<LineStream>();
  readonly #stopped = Promise.withResolvers<undefined>();
  readonly #beat: NodeJS.Timeout;
  #timer: NodeJS.Timeout;
  #nextDueSeq = 0;
  #unreadSinceMonoMs: number;
  #stopping: ProbeEndLine['reason'] | undefined;

  /** Resolves the name first; rejects with `probe.no-address` when that fails. */
  static async start(spec: CompleteSpec, clock: MachineClock, ports: SourcePorts): Promise<ProbeTarget> {
    const host = hostOf(spec.url);
    const address = spec.resolve === 'once' ? await resolveOnce(host) : undefined;
    return new ProbeTarget(spec, clock, ports, address);
  }

  private constructor(
    spec: CompleteSpec,
    clock: MachineClock,
    ports: SourcePorts,
    address: string | undefined,
  ) {
    const url = new URL(spec.url);
    this.spec = spec;
    this.#clock = clock;
    this.#ports = ports;
    this.#address = address;
    this.#resolve = address === undefined ? resolveEach(hostOf(spec.url)) : () => Promise.resolve(address);
    this.#port = url.port === '' ? 80 : Number(url.port);
    this.#head = requestHead(url);
    this.#schedule = { startMonoMs: clock.monoMs() + spec.intervalMs, intervalMs: spec.intervalMs };
    this.#buffer = new SampleBuffer(Math.ceil(BUFFER_MS / spec.intervalMs), (seq) =>
      dueMonoMs(this.#schedule, seq),
    );
    this.#unreadSinceMonoMs = clock.monoMs();
    this.#beat = setInterval(() => this.#onBeat(), BEAT_MS);
    this.#timer = setTimeout(() => this.#onDue(), spec.intervalMs);
  }

  state(): ProbeTargetState {
    return {
      spec: this.spec,
      instance: this.#instance,
      running: this.#stopping === undefined,
      ...given({ address: this.#address }),
      startMonoMs: this.#schedule.startMonoMs,
      oldestSeq: this.#buffer.oldestSeq,
      nextSeq: this.#buffer.nextSeq,
      readers: this.#streams.size,
    };
  }

  /** Streams from `fromSeq` on until the target stops or the reader leaves. */
  stream(response: ServerResponse, fromSeq: number): void {
    const hello: ProbeHelloLine = {
      type: 'hello',
      schema: 1,
      target: this.spec.name,
      instance: this.#instance,
      bootId: this.#clock.bootId,
      intervalMs: this.spec.intervalMs,
      timeoutMs: this.spec.timeoutMs,
      startMonoMs: this.#schedule.startMonoMs,
      fromSeq,
    };
    const onClose = (): void => {
      this.#streams.delete(stream);
      this.#unreadSinceMonoMs = this.#clock.monoMs();
    };
    const stream = streamLines(response, this.#buffer, { cursor: fromSeq, hello, onClose });
    this.#streams.add(stream);
    if (this.#stopping !== undefined) this.#endWhenDecided();
  }

  /** Sends no more; resolves once every request under way is decided and told. */
  async stop(reason: ProbeEndLine['reason']): Promise<void> {
    if (this.#stopping === undefined) {
      this.#stopping = reason;
      clearTimeout(this.#timer);
      this.#endWhenDecided();
    }
    await this.#stopped.promise;
  }

  #onDue(): void {
    const now = this.#clock.monoMs();
    const work = dueWork(this.#schedule, this.#nextDueSeq, now);
    this.#nextDueSeq = work.nextSeq;
    if (work.late !== undefined) this.#decide(this.#lateGap(work.late));
    for (const seq of work.send) void this.#request(seq);
    this.#timer = setTimeout(() => this.#onDue(), Math.max(0, work.waitMs));
  }

  #lateGap({ fromSeq, toSeq }: { readonly fromSeq: number; readonly toSeq: number }): ProbeGapLine {
    const fromDueMonoMs = dueMonoMs(this.#schedule, fromSeq);
    const toDueMonoMs = dueMonoMs(this.#schedule, toSeq);
    return { type: 'gap', fromSeq, toSeq, fromDueMonoMs, toDueMonoMs, reason: 'late' };
  }

  async #request(seq: number): Promise<void> {
    const due = dueMonoMs(this.#schedule, seq);
    const sentMonoMs = this.#clock.monoMs();
    const result = await this.#exchange(sentMonoMs);
    const sample: ProbeSampleLine = {
      type: 'sample',
      seq,
      dueMonoMs: due,
      lateMs: toMicros(sentMonoMs - due),
      outcome: result.outcome,
      ...given({ status: result.status, error: result.error }),
      latencyMs: toMicros(result.latencyMs),
      ...(result.connectMs === undefined ? {} : { connectMs: toMicros(result.connectMs) }),
    };
    this.#decide(sample);
  }

  async #exchange(sentMonoMs: number): Promise<Exchange> {
    const { timeoutMs, expect } = this.spec;
    const { monoMs } = this.#clock;
    let address = this.#address;
    try {
      address ??= await this.#resolve(timeoutMs);
    } catch (error) {
      return { outcome: 'dns', error: messageOf(error), latencyMs: monoMs() - sentMonoMs };
    }
    const spentMs = this.#address === undefined ? monoMs() - sentMonoMs : 0;
    const leftMs = Math.max(1, timeoutMs - spentMs);
    return exchange({
      address,
      port: this.#port,
      head: this.#head,
      expect,
      timeoutMs: leftMs,
      spentMs,
      monoMs,
      takePort: () => this.#ports.take(),
    });
  }

  #decide(line: ProbeSampleLine | ProbeGapLine): void {
    this.tally.count(line);
    if (this.#buffer.decide(line)) for (const stream of this.#streams) stream.pump();
    if (this.#stopping !== undefined) this.#endWhenDecided();
  }

  #onBeat(): void {
    const monoMs = this.#clock.monoMs();
    const line: ProbeBeatLine = {
      type: 'beat',
      monoMs,
      wallMs: this.#clock.wallMs(),
      nextSeq: this.#buffer.nextSeq,
    };
    for (const stream of this.#streams) stream.send(line);
    const unreadMs = this.#streams.size > 0 ? 0 : monoMs - this.#unreadSinceMonoMs;
    if (this.#stopping === undefined && unreadMs > this.spec.unreadLimitMs) void this.stop('unread');
  }

  #endWhenDecided(): void {
    if (this.#buffer.nextSeq < this.#nextDueSeq) return;
    clearInterval(this.#beat);
    const end: ProbeEndLine = {
      type: 'end',
      nextSeq: this.#buffer.nextSeq,
      reason: this.#stopping ?? 'stopped',
    };
    for (const stream of this.#streams) stream.end(end);
    this.#stopped.resolve(undefined);
  }
}

function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}

function requestHead(url: URL): string {
  return [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    'User-Agent: firedrill-probe',
    'Accept: */*',
    'Connection: close',
    '\r\n',
  ].join('\r\n');
}

/** Three digits are microseconds: what the clock can tell, without the noise of binary fractions. */
function toMicros(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
