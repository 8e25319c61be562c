/** What the probe saw, which stands for the users. */
export type ProbeEntry = ProbeSample | ProbeGap | ProbeClock;

/** One request of the probe. A sample belongs to the instant when it was due. */
interface ProbeSample {
  readonly kind: 'probe.sample';
  readonly target: string;
  readonly probeSeq: number;
  readonly dueMonoMs: number;
  readonly ok: boolean;
  readonly status?: number;
  readonly error?: string;
  readonly latencyMs: number;
  /** How much later than due the request was sent. */
  readonly lateMs: number;
}

/** Sequence numbers that never arrived. */
interface ProbeGap {
  readonly kind: 'probe.gap';
  readonly target: string;
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly fromMonoMs: number;
  readonly toMonoMs: number;
  readonly reason: string;
}

/** The probe's clock against the harness's: mapped by an offset with an error. */
interface ProbeClock {
  readonly kind: 'probe.clock';
  readonly target: string;
  readonly sameBoot: boolean;
  readonly offsetMs: number;
  readonly errorMs: number;
}
