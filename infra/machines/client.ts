import https from 'node:https';
import { readFileSync } from 'node:fs';
import { isRecord } from '../../harness/core/is-record.ts';
import type { ErrorCode } from '../../harness/core/error-codes.ts';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import { patient } from '../../harness/core/patience.ts';
import { given } from '../../harness/core/given.ts';
import { readTokenFile } from '../../harness/core/token-file.ts';
import { MachineError } from './errors.ts';
import type {
  MachineAbility,
  MachineInterface,
  MachinePowerState,
  MachineState,
  MachineStates,
  PowerOnRequest,
  ReplaceResult,
} from './protocol.ts';

export interface HttpMachinesOptions {
  /** e.g. `https://10.0.0.1:9443` */
  readonly url: string;
  /** Absent: the authorities that this machine trusts anyway. */
  readonly caFile?: string;
  readonly tokenFile: string;
  /** The cluster whose machines are meant, by the UID of its namespace kube-system; absent: nothing is compared. */
  readonly cluster?: string;
  readonly statesTimeoutMs?: number;
}

/** A power-off answers only when the power is off. */
const POWER_OFF_TIMEOUT_MS = patient(20_000);
const POWER_ON_TIMEOUT_MS = patient(30_000);
const REPLACE_TIMEOUT_MS = patient(30_000);
const LIST = '/v1/machines';
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** The client of the machine protocol over HTTPS. Every failure is a MachineError with the status and the server's own code. */
export class HttpMachines implements MachineInterface {
  readonly #options: HttpMachinesOptions;
  readonly #agent: https.Agent;
  readonly #base: URL;
  #isCompared = false;

  constructor(options: HttpMachinesOptions) {
    this.#options = options;
    this.#base = new URL(options.url);
    if (this.#base.protocol !== 'https:') {
      throw new FiredrillError(
        'machines.bad-url',
        `the machine interface must be https, not ${this.#base.protocol}`,
        { hint: 'set FIREDRILL_MACHINES_URL to an https address' },
      );
    }
    const trust = options.caFile === undefined ? {} : { ca: readFileSync(options.caFile) };
    // Said, because NODE_TLS_REJECT_UNAUTHORIZED of the environment decides otherwise, and whoever answers gets the token.
    this.#agent = new https.Agent({ keepAlive: true, maxSockets: 8, rejectUnauthorized: true, ...trust });
  }

  async states(signal: AbortSignal): Promise<ReadonlyMap<string, MachineState>> {
    const { machines } = await this.describe(signal);
    return new Map(machines.map((state) => [state.node, state]));
  }

  /**
   * Whose machines these are, how they stand, and what is served besides the states and power-off.
   * @throws MachineError `machines.foreign-cluster` where they say that they are another cluster's
   */
  async describe(signal: AbortSignal): Promise<Required<Omit<MachineStates, 'cluster'>> & MachineStates> {
    const body = await this.#send('GET', LIST, undefined, this.#options.statesTimeoutMs ?? 2000, signal);
    const { machines, can, cluster } = isRecord(body) ? body : {};
    if (!Array.isArray(machines)) throw malformed(LIST, 'no list "machines"');
    if (cluster !== undefined && typeof cluster !== 'string') throw malformed(LIST, '"cluster" is no text');
    const { cluster: meant } = this.#options;
    if (cluster !== undefined && meant !== undefined && cluster !== meant)
      throw new MachineError(
        'machines.foreign-cluster',
        `${this.#base.host} has the machines of the cluster ${cluster}, and ours is ${meant}`,
        { status: 0, hint: 'nothing was switched off; give the address of the interface of this cluster' },
      );
    this.#isCompared = true;
    return {
      machines: machines.map((each) => readState(LIST, each)),
      can: Array.isArray(can) ? (can as readonly unknown[]).filter(isAbility) : ['replace'],
      ...given({ cluster }),
    };
  }

  async powerOff(node: string, attempt: string, signal: AbortSignal): Promise<MachineState> {
    const path = `/v1/machines/${encodeURIComponent(node)}/power-off`;
    const body = await this.#send('POST', path, { attempt }, POWER_OFF_TIMEOUT_MS, signal);
    const state = readState(path, body);
    if (state.node !== node) throw malformed(path, `answered for ${state.node}`);
    return state;
  }

  /** Takes back one power-off: for drills, never for healers, and so no part of what a healer needs. */
  async powerOn(node: string, request: PowerOnRequest, signal: AbortSignal): Promise<MachineState> {
    const path = `/v1/machines/${encodeURIComponent(node)}/power-on`;
    const body = await this.#send('POST', path, request, POWER_ON_TIMEOUT_MS, signal);
    return readState(path, body);
  }

  async replace(node: string, attempt: string, signal: AbortSignal): Promise<ReplaceResult> {
    const path = `/v1/machines/${encodeURIComponent(node)}/replace`;
    const body = await this.#send('POST', path, { attempt }, REPLACE_TIMEOUT_MS, signal);
    if (!isRecord(body) || typeof body['replacement'] !== 'string' || body['replacement'] === '') {
      throw malformed(path, 'no name "replacement"');
    }
    return { node, replacement: body['replacement'] };
  }

  close(): void {
    this.#agent.destroy();
  }

  async #send(
    method: string,
    path: string,
    body: unknown,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<unknown> {
    signal.throwIfAborted();
    // Whose machines they are is known before the first one is touched.
    if (method === 'POST' && !this.#isCompared && this.#options.cluster !== undefined)
      await this.describe(signal);
    const deadline = AbortSignal.timeout(timeoutMs);
    const text = body === undefined ? undefined : JSON.stringify(body);
    try {
      return await this.#exchange(method, path, text, AbortSignal.any([signal, deadline]));
    } catch (error) {
      if (error instanceof MachineError) throw error;
      signal.throwIfAborted();
      const reason = deadline.aborted ? `no answer within ${timeoutMs} ms` : messageOf(error);
      throw new MachineError('machines.unreachable', `${method} ${path} at ${this.#base.host}: ${reason}`, {
        status: 0,
        cause: error,
        hint: 'is the machine interface up, and reachable from the pods?',
      });
    }
  }

  #exchange(method: string, path: string, text: string | undefined, signal: AbortSignal): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const request = https.request(
        new URL(path, this.#base),
        {
          method,
          agent: this.#agent,
          signal,
          headers: {
            // Read for each call: a mounted Secret is renewed in place.
            authorization: `Bearer ${readTokenFile(this.#options.tokenFile)}`,
            ...(text === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          let size = 0;
          response.on('data', (chunk: Buffer) => {
            size += chunk.length;
            if (size > MAX_BODY_BYTES)
              response.destroy(new Error(`an answer of more than ${MAX_BODY_BYTES} bytes`));
            else chunks.push(chunk);
          });
          response.on('error', reject);
          response.on('end', () => {
            try {
              const answer = Buffer.concat(chunks).toString('utf8');
              resolve(
                readAnswer(method, path, response.statusCode ?? 0, response.headers['retry-after'], answer),
              );
            } catch (error) {
              reject(error instanceof Error ? error : new Error(String(error)));
            }
          });
        },
      );
      request.on('error', (error: NodeJS.ErrnoException) => {
        // A connection that was kept open may be closed by the interface just as it is used again: nobody has read the
        // call then, and a call that is made twice has its attempt, so another connection is tried.
        if (request.reusedSocket && error.code === 'ECONNRESET' && !signal.aborted)
          resolve(this.#exchange(method, path, text, signal));
        else reject(error);
      });
      request.end(text);
    });
  }
}

function readAnswer(
  method: string,
  path: string,
  status: number,
  retryAfter: string | undefined,
  text: string,
): unknown {
  let body: unknown;
  try {
    body = text === '' ? undefined : JSON.parse(text);
  } catch (error) {
    if (status === 200) throw malformed(path, messageOf(error));
  }
  if (status === 200) return body;
  const code = isRecord(body) && typeof body['code'] === 'string' ? body['code'] : 'no code';
  const message =
    isRecord(body) && typeof body['message'] === 'string' ? body['message'] : text.slice(0, 200);
  const retryAfterMs = retryAfterOf(status, retryAfter);
  throw new MachineError(codeOf(status), `${method} ${path}: ${status} ${code}: ${message}`, {
    status,
    ...given({ retryAfterMs }),
  });
}

function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'machines.denied';
  if (status === 404) return 'machines.unknown-machine';
  if (status === 409) return 'machines.conflict';
  if (status === 429) return 'machines.throttled';
  return 'machines.failed';
}

function retryAfterOf(status: number, header: string | undefined): number | undefined {
  const seconds = Number(header);
  if (header !== undefined && Number.isFinite(seconds) && seconds >= 0) return Math.min(seconds, 300) * 1000;
  return status === 429 ? 1000 : undefined;
}

function readState(path: string, value: unknown): MachineState {
  if (!isRecord(value)) throw malformed(path, 'a machine that is no object');
  const { node, state, observedAtMs, offBy, systemUuid } = value;
  if (typeof node !== 'string' || typeof observedAtMs !== 'number' || !isPowerState(state)) {
    throw malformed(path, `not a machine state: ${JSON.stringify(value).slice(0, 200)}`);
  }
  return {
    ...{ node, state, observedAtMs },
    ...(typeof offBy === 'string' ? { offBy } : {}),
    ...(typeof systemUuid === 'string' ? { systemUuid } : {}),
  };
}

function isPowerState(value: unknown): value is MachinePowerState {
  return value === 'on' || value === 'off' || value === 'unknown';
}

function isAbility(value: unknown): value is MachineAbility {
  return value === 'power-on' || value === 'replace';
}

function malformed(path: string, what: string): MachineError {
  return new MachineError('machines.malformed', `${path} gave a malformed answer: ${what}`, { status: 200 });
}
