/**
 * The alert receiver's protocol: keeps what Alertmanager sent, and tells Prometheus which faults are active.
 *
 *   POST   /slack      body: a Slack incoming-webhook message  -> 200 `ok`
 *   POST   /webhook    body: Alertmanager's webhook message    -> 200 {}
 *   GET    /received?from=SEQ&instance=ID                      -> ReceivedPage
 *   GET    /received?from=SEQ&instance=ID&follow=true          -> application/x-ndjson: ReceivedHelloLine, then ReceivedLine as they come
 *   POST   /faults     body: ActiveFault                       -> 200 {}; repeat it before timeToLiveMs is over
 *   DELETE /faults/ID                                          -> 200 {}, also when there was none
 *   GET    /faults                                             -> ActiveFault[]
 *   GET    /health /ready /startup /metrics                    -> for everybody; all others answer 401 without the agent's token
 *   Errors carry { code, message }; 410 `receiver.another-instance` when the receiver was started anew meanwhile.
 *
 * An active fault is soft state with an expiry, repeated by whoever injected it: so the series needs no API server,
 * comes back after a restart of the receiver with the next repetition, and does not outlive a harness that died.
 */
export interface ActiveFault {
  readonly id: string;
  /** The fault's name in the catalogue, e.g. `node.power-off`. */
  readonly kind: string;
  /** The resolved target, e.g. a node's name. */
  readonly target: string;
  /** Default 15000, 100 to 600000. */
  readonly timeToLiveMs?: number;
}

/** Something that arrived. Both clocks are the receiver's machine's, on arrival. */
export interface ReceivedLine {
  readonly type: 'received';
  readonly seq: number;
  readonly form: 'slack' | 'webhook';
  readonly monoMs: number;
  readonly wallMs: number;
  readonly body: unknown;
}

export interface ReceivedHelloLine {
  readonly type: 'hello';
  readonly schema: 1;
  readonly instance: string;
  readonly bootId: string;
  /** The first sequence number that is still kept. */
  readonly oldestSeq: number;
}

/** Once a second on a followed stream. */
export interface ReceivedBeatLine {
  readonly type: 'beat';
  readonly nextSeq: number;
}

export interface ReceivedPage extends Omit<ReceivedHelloLine, 'type'> {
  readonly nextSeq: number;
  readonly items: readonly ReceivedLine[];
}

/** The part of a Slack message that is of use; Alertmanager's has attachments instead. */
export interface SlackMessage {
  readonly text?: unknown;
}

/** The part of Alertmanager's webhook message (version 4) that is of use. */
export interface WebhookMessage {
  readonly status: 'firing' | 'resolved';
  readonly receiver: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly alerts: readonly {
    readonly status: 'firing' | 'resolved';
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    /** RFC 3339. */
    readonly startsAt: string;
    readonly endsAt: string;
    readonly fingerprint: string;
  }[];
}
