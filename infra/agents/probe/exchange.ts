import { connect, type Socket } from 'node:net';
import { given } from '../../../harness/core/given.ts';
import { readAnswer } from './answer.ts';
import type { ProbeExpectation, ProbeOutcome } from './protocol.ts';

export interface Exchange {
  readonly outcome: ProbeOutcome;
  readonly status?: number;
  readonly error?: string;
  readonly latencyMs: number;
  readonly connectMs?: number;
}

interface ExchangeRequest {
  readonly address: string;
  readonly port: number;
  /** The whole request, ready to send. */
  readonly head: string;
  readonly expect: ProbeExpectation;
  /** What is left of the time-out. */
  readonly timeoutMs: number;
  /** Milliseconds of the time-out that are used up already, by name resolution. */
  readonly spentMs: number;
  readonly monoMs: () => number;
  /** The next port to come from; asked again where somebody else has that one. */
  readonly takePort: () => number;
}

/** How many ports in a row may be taken by others before that is no accident. */
const MOST_TAKEN_PORTS = 20;

/** A timer that fires this much after its instant tells that the agent stood still, not that the server did. */
const STALL_LIMIT_MS = 100;

/** One request on a connection of its own. Never rejects: every end is an outcome. */
export function exchange(request: ExchangeRequest): Promise<Exchange> {
  const { monoMs, timeoutMs, spentMs } = request;
  const startedMs = monoMs() - spentMs;
  return new Promise((resolve) => {
    let socket = open();
    let takenPorts = 0;
    let connectMs: number | undefined;
    let bytes: Buffer = Buffer.alloc(0);

    function open(): Socket {
      const opened = connect({
        host: request.address,
        port: request.port,
        localPort: request.takePort(),
        noDelay: true,
      });
      opened.on('connect', () => {
        connectMs = monoMs() - startedMs;
        opened.write(request.head);
      });
      opened.on('data', (chunk) => {
        bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
        consider(false);
      });
      opened.on('end', () => consider(true));
      opened.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'EADDRINUSE' && takenPorts++ < MOST_TAKEN_PORTS) socket = open();
        else settle(outcomeOf(error.code), { error: error.message });
      });
      return opened;
    }

    function settle(outcome: ProbeOutcome, facts: { status?: number; error?: string } = {}): void {
      clearTimeout(timer);
      socket.destroy();
      resolve({
        outcome,
        ...facts,
        latencyMs: monoMs() - startedMs,
        ...given({ connectMs }),
      });
    }

    function consider(ended: boolean): void {
      const answer = readAnswer(bytes, ended);
      if (answer.kind === 'complete') {
        const verdict = meets(request.expect, answer.status, answer.body);
        settle(verdict.outcome, { status: answer.status, ...verdict.facts });
      } else if (answer.kind === 'malformed') {
        settle('malformed', { error: answer.reason });
      } else if (ended) {
        settle('closed', { error: `closed after ${bytes.length} bytes of an answer` });
      }
    }

    const timer = setTimeout(() => {
      // What had come in time is read in the poll phase that follows the timers: let it win.
      setImmediate(() => {
        const overMs = monoMs() - startedMs - spentMs - timeoutMs;
        const phase = connectMs === undefined ? 'no connection' : 'no complete answer';
        if (overMs > STALL_LIMIT_MS)
          settle('local', { error: `the agent stood still for ${Math.round(overMs)} ms` });
        else settle('timeout', { error: `${phase} within ${timeoutMs + spentMs} ms` });
      });
    }, timeoutMs);
  });
}

function meets(
  expect: ProbeExpectation,
  status: number,
  body: string,
): { readonly outcome: ProbeOutcome; readonly facts: { error?: string } } {
  const wanted = expect.status === undefined ? status >= 200 && status < 300 : expect.status.includes(status);
  if (!wanted) {
    const text = expect.status === undefined ? '2xx' : expect.status.join(' or ');
    return { outcome: 'status', facts: { error: `status ${status} instead of ${text}` } };
  }
  if (expect.bodyIncludes !== undefined && !body.includes(expect.bodyIncludes)) {
    return { outcome: 'body', facts: { error: `body lacks ${JSON.stringify(expect.bodyIncludes)}` } };
  }
  return { outcome: 'ok', facts: {} };
}

function outcomeOf(code: string | undefined): ProbeOutcome {
  switch (code) {
    case 'ECONNREFUSED':
      return 'refused';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'reset';
    case 'ETIMEDOUT':
      return 'timeout';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'ENETDOWN':
      return 'unreachable';
    default:
      // EMFILE, EADDRNOTAVAIL, ENOBUFS, EPERM ...: the request never left this machine.
      return 'local';
  }
}
