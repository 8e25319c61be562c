/**
 * The probe agent's protocol: HTTP/1.1 with JSON bodies, samples as JSON lines.
 *
 *   GET    /clock                                    -> ProbeClockReading
 *   GET    /targets                                  -> ProbeTargetState[]
 *   POST   /targets             body: ProbeTargetSpec -> 201 ProbeTargetState; 200 when the same target runs already;
 *                                                       400 bad spec, 409 same name with another spec, 502 name does not resolve
 *   DELETE /targets/NAME                             -> 200 ProbeTargetState after its last sample is decided; 404
 *   GET    /samples?target=NAME&from=SEQ&instance=ID -> 200 application/x-ndjson, ProbeLine per line, until the target stops; 404
 *   GET    /health /ready /startup /metrics          -> for everybody; all others answer 401 without the agent's token
 *   Errors carry { code, message }.
 *
 * A target has due instants startMonoMs + seq * intervalMs for seq = 0, 1, 2 ... whatever the answers do (open loop).
 * Every sequence number is told exactly once per stream, in ascending order, by a sample or inside a gap. A line comes
 * as soon as its request and all earlier ones are decided, so at most timeoutMs (plus lateness) after it was due.
 *
 * To resume a broken stream ask again with `from` = last sequence number seen + 1 and the `instance` of the hello.
 * `from` defaults to 0, i.e. everything that is still buffered. What has left the buffer comes as a gap `overwritten`.
 * When the agent or the target was started anew meanwhile, the answer is 410 { code: 'probe.another-instance' }: every
 * sample after the last one seen is lost, and the reader journals that as a gap of its own.
 *
 * `monoMs` values are CLOCK_MONOTONIC in milliseconds with a fraction, meaningful on the machine whose boot id the
 * hello and the clock name.
 */
export interface ProbeTargetSpec {
  /** Kebab-case, unique per agent. */
  readonly name: string;
  /** `http://HOST[:PORT]/PATH`. */
  readonly url: string;
  readonly expect?: ProbeExpectation;
  /** Milliseconds between due instants; default 50, 10 to 60000. */
  readonly intervalMs?: number;
  /** Milliseconds from sending to the complete answer, name resolution and connecting included; default 1000, 10 to 60000. */
  readonly timeoutMs?: number;
  /**
   * `once`: the name is resolved when the target is set up and the address kept, so that the loss of a DNS server is not
   * blamed on the service (default). `each`: resolved for every request inside its time-out, as a client without a
   * cache does.
   */
  readonly resolve?: 'once' | 'each';
  /**
   * The target stops by itself when no stream was open for this long; default 600000 (the length of the buffer at the
   * default interval).
   */
  readonly unreadLimitMs?: number;
}

/** What a good answer is; default: any 2xx, whatever the body. */
export interface ProbeExpectation {
  readonly status?: readonly number[];
  readonly bodyIncludes?: string;
}

export interface ProbeTargetState {
  readonly spec: Required<Omit<ProbeTargetSpec, 'expect'>> & { readonly expect: ProbeExpectation };
  /** Changes whenever the target is started anew. */
  readonly instance: string;
  readonly running: boolean;
  /** The address in use with `resolve: once`. */
  readonly address?: string;
  readonly startMonoMs: number;
  /** The first sequence number that is still buffered. */
  readonly oldestSeq: number;
  /** The first sequence number that is not decided yet. */
  readonly nextSeq: number;
  readonly readers: number;
}

export interface ProbeClockReading {
  readonly bootId: string;
  readonly monoMs: number;
  readonly wallMs: number;
}

/** The first line of every stream. */
export interface ProbeHelloLine {
  readonly type: 'hello';
  readonly schema: 1;
  readonly target: string;
  readonly instance: string;
  readonly bootId: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly startMonoMs: number;
  /** The first sequence number that this stream will tell. */
  readonly fromSeq: number;
}

/**
 * How a request ended. `status` and `body`: an answer came but not the expected one; `refused`, `reset`, `unreachable`:
 * what the kernel said; `closed`: end of stream before a whole answer; `malformed`: not HTTP; `dns`: only with
 * `resolve: each`; `local`: the agent itself had no socket or port, or stood still beyond the time-out: that says nothing
 * about the target, and a reader treats it as a gap.
 */
export type ProbeOutcome =
  | 'ok'
  | 'status'
  | 'body'
  | 'timeout'
  | 'refused'
  | 'reset'
  | 'closed'
  | 'unreachable'
  | 'malformed'
  | 'dns'
  | 'local';

export interface ProbeSampleLine {
  readonly type: 'sample';
  readonly seq: number;
  /** The instant that the sample belongs to. */
  readonly dueMonoMs: number;
  /** How much later than due it was sent. */
  readonly lateMs: number;
  readonly outcome: ProbeOutcome;
  readonly status?: number;
  /** One short sentence where the outcome is not `ok`. */
  readonly error?: string;
  /** From sending to the decision. */
  readonly latencyMs: number;
  /** From sending to the established connection; absent when none was made. */
  readonly connectMs?: number;
}

/**
 * Sequence numbers without a sample. `late`: the agent had no CPU and was later than 500 ms, so that sending would have
 * told about another instant; `overwritten`: the reader came too late.
 */
export interface ProbeGapLine {
  readonly type: 'gap';
  readonly fromSeq: number;
  /** Inclusive. */
  readonly toSeq: number;
  readonly fromDueMonoMs: number;
  readonly toDueMonoMs: number;
  readonly reason: 'late' | 'overwritten';
}

/** Once a second while the stream is open: a stream without lines for 3 s is broken, whatever TCP believes. */
export interface ProbeBeatLine {
  readonly type: 'beat';
  readonly monoMs: number;
  readonly wallMs: number;
  readonly nextSeq: number;
}

/** The last line of a stream whose target was stopped. */
export interface ProbeEndLine {
  readonly type: 'end';
  readonly nextSeq: number;
  readonly reason: 'stopped' | 'unread' | 'shutdown';
}

export type ProbeLine = ProbeHelloLine | ProbeSampleLine | ProbeGapLine | ProbeBeatLine | ProbeEndLine;
