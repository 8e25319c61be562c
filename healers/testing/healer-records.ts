import type { Reporter } from '../incident/report.ts';
import type { AuditRecord } from '../runtime/audit-chain.ts';
import type { Audit } from '../runtime/audit-file.ts';
import type { SimClock } from './simulation/sim-clock.ts';

const REQUEST_MS = 3;

/** How a request gets to the other side: it takes its time and is noted. */
export type Send = <T>(request: string, about: string, answer: () => T) => Promise<T>;

/** The requests that change something. */
export const DEEDS = [
  'patchNode',
  'deleteNode',
  'deletePod',
  'evictPod',
  'writeLedger',
  'allow',
  'disallow',
  'powerOff',
  'replace',
];

/** Everything that leaves a healer: its requests, audit lines, Events, messages for people and figures. */
export class HealerRecords {
  /** Requests to the API server and the machine interface; `about` names the node, pod or namespace. */
  readonly calls: { readonly request: string; readonly about: string }[] = [];
  readonly lines: AuditRecord[] = [];
  readonly events: string[] = [];
  readonly messages: {
    readonly incident: string;
    readonly severity: string;
    readonly text: string;
    readonly atMs: number;
  }[] = [];
  readonly actions: { readonly action: string; readonly ok: boolean }[] = [];
  /** Called with every audit line before it is kept; what it throws is what writing it threw. */
  onLine: (record: AuditRecord) => void = () => undefined;
  /** Called with every request as it is sent; what it throws is the answer. */
  onCall: (request: string, about: string) => void = () => undefined;
  readonly #clock: SimClock;

  constructor(clock: SimClock) {
    this.#clock = clock;
  }

  readonly carry: Send = async (request, about, answer) => {
    this.calls.push({ request, about });
    this.onCall(request, about);
    await this.#clock.sleep(REQUEST_MS);
    return answer();
  };

  readonly audit: Audit = {
    record: (record) => {
      this.onLine(record);
      this.lines.push(record);
      const { monoMs, wallMs } = this.#clock.now();
      return { ...record, seq: this.lines.length, wallMs, monoMs, bootId: '', pod: '', prev: '', hash: '' };
    },
  };

  readonly reporter: Reporter = {
    event: ({ type, reason, note }) => {
      this.events.push(`${type} ${reason} ${note}`);
    },
    notify: (incident, severity, text) => {
      this.messages.push({ incident, severity, text, atMs: this.#clock.now().monoMs });
    },
    measure: {
      refusal: () => undefined,
      decision: () => undefined,
      action: (action, ok) => {
        this.actions.push({ action, ok });
      },
      stage: () => undefined,
    },
  };

  /** How often this was asked, of all or about one. */
  asked(request: string, about?: string): number {
    return this.calls.filter((call) => call.request === request && (about ?? call.about) === call.about)
      .length;
  }

  /** Critical messages, of all or about one node. */
  pages(node?: string): readonly { readonly text: string; readonly atMs: number }[] {
    return this.#messages('critical', node);
  }

  /** Messages that end an incident, of all or about one node. */
  resolved(node?: string): readonly { readonly text: string; readonly atMs: number }[] {
    return this.#messages('resolved', node);
  }

  /** Audit lines of one node about an action, also one that was only observed. */
  linesOf(action: string, node: string): readonly AuditRecord[] {
    return this.lines.filter((line) => line.action === action && line.subject === `node/${node}`);
  }

  #messages(severity: string, node?: string): readonly { readonly text: string; readonly atMs: number }[] {
    return this.messages.filter(
      (each) => each.severity === severity && (node === undefined || each.text.startsWith(`${node}: `)),
    );
  }
}
