import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import type { MachineAbility, MachineState, MachineStates, ReplaceResult } from '../machines/protocol.ts';
import type { MachineCall } from '../cluster.ts';
import type { CallRate } from './power-cuts.ts';
import { carriesToken } from '../http/authorization.ts';
import { readJson, sendJson } from '../http/http-json.ts';

const CALLS: Readonly<Record<string, MachineCall['call']>> = {
  'power-off': 'powerOff',
  'power-on': 'powerOn',
  replace: 'replace',
};
const ABILITIES: readonly MachineAbility[] = ['power-on', 'replace'];

type Attempts = Map<string, Promise<MachineState | ReplaceResult>>;

/** What the machine protocol can ask for; the supervisor answers for this cluster's nodes only. */
export interface MachineBackend {
  states(): readonly MachineState[];
  /** @throws FiredrillError `node.unknown` */
  powerOff(node: string, attempt: string): Promise<MachineState>;
  /**
   * Takes back the power-off of that attempt.
   * @throws FiredrillError `node.unknown`, `machine.fenced` where another one came after it
   */
  powerOn(node: string, undoOf: string): Promise<MachineState>;
  /**
   * A failed attempt goes on where it had stopped when it comes again under the same name.
   * @throws FiredrillError `node.unknown`
   */
  replace(node: string, attempt: string): Promise<ReplaceResult>;
}

interface MachineDoorOptions {
  readonly host: string;
  readonly port: number;
  readonly certPem: string;
  readonly keyPem: string;
  readonly token: string;
  /** UID of the cluster whose machines these are; '' as long as it has none. */
  readonly clusterUid: () => string;
  readonly backend: MachineBackend;
  /** Calls beyond this are refused with 429. */
  readonly rate: CallRate;
  readonly monoMs: () => number;
  readonly wallMs: () => number;
  /** One line per call, refused ones included. */
  readonly onCall: (call: MachineCall) => void;
}

/** The machine protocol of infra/machines/protocol.ts, served over TLS on the cluster's network only. */
export async function openMachineDoor(options: MachineDoorOptions): Promise<Server> {
  const attempts: Attempts = new Map();
  const limit = new TokenBucket(options.monoMs, options.rate);
  const server = createServer({ cert: options.certPem, key: options.keyPem }, (request, response) => {
    serve(request, response, options, attempts, limit).catch((error: unknown) => {
      if (!response.headersSent)
        sendJson(response, 500, { code: 'machine.failed', message: messageOf(error) });
      else response.destroy();
    });
  });
  server.listen({ host: options.host, port: options.port });
  await once(server, 'listening');
  return server;
}

interface Answer {
  readonly status: number;
  readonly body: object;
  /** For the audit line. */
  readonly result: string;
}

const refuse = (status: number, code: string, message: string): Answer => ({
  status,
  body: { code: `machine.${code}`, message },
  result: `refused: ${code}`,
});

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  options: MachineDoorOptions,
  attempts: Attempts,
  limit: TokenBucket,
): Promise<void> {
  const route = /^\/v1\/machines(?:\/([a-z0-9.-]+)\/(power-off|power-on|replace))?$/.exec(request.url ?? '');
  const node = route?.[1] ?? '';
  const call = CALLS[route?.[2] ?? ''] ?? 'states';
  const { status, body, result } = !carriesToken(request.headers.authorization, options.token)
    ? refuse(401, 'unauthorized', 'the token is missing or wrong')
    : !limit.take()
      ? refuse(429, 'throttled', `more than ${options.rate.perSecond} calls per second`)
      : route === null
        ? refuse(404, 'no-such-call', request.url ?? '')
        : await perform(request, call, node, options, attempts);
  const caller = request.socket.remoteAddress ?? 'unknown';
  options.onCall({ wallMs: options.wallMs(), call, node, caller, result });
  if (status === 429) response.setHeader('retry-after', '1');
  sendJson(response, status, body);
}

async function perform(
  request: IncomingMessage,
  call: MachineCall['call'],
  node: string,
  { backend, clusterUid }: Pick<MachineDoorOptions, 'backend' | 'clusterUid'>,
  attempts: Attempts,
): Promise<Answer> {
  if (request.method !== (call === 'states' ? 'GET' : 'POST'))
    return refuse(405, 'method', request.method ?? '');
  if (call === 'states') {
    const uid = clusterUid();
    const body: MachineStates = {
      machines: backend.states(),
      can: ABILITIES,
      ...(uid === '' ? {} : { cluster: uid }),
    };
    return {
      status: 200,
      body,
      result: body.machines.map(({ node: name, state }) => `${name}=${state}`).join(' '),
    };
  }
  const { attempt, undoOf } = (await readJson(request)) as { attempt?: unknown; undoOf?: unknown };
  if (typeof attempt !== 'string' || attempt === '')
    return refuse(400, 'no-attempt', 'the body needs a string "attempt"');
  if (call === 'powerOn' && typeof undoOf !== 'string')
    return refuse(400, 'no-undo-of', 'the body needs a string "undoOf": the power-off that is taken back');
  const key = `${call}/${node}/${attempt}`;
  let running = attempts.get(key);
  if (running === undefined) {
    running =
      call === 'powerOff'
        ? backend.powerOff(node, attempt)
        : call === 'powerOn'
          ? backend.powerOn(node, String(undoOf))
          : backend.replace(node, attempt);
    attempts.set(key, running);
    // A failed attempt may be tried again under the same name.
    running.catch(() => attempts.delete(key));
  }
  try {
    const answer = await running;
    // What it was when the attempt ended may be long ago.
    const now = call === 'powerOff' ? backend.states().find((state) => state.node === node) : undefined;
    return { status: 200, body: now ?? answer, result: `ok, attempt ${attempt}` };
  } catch (error) {
    const code = error instanceof FiredrillError ? error.code : 'machine.failed';
    if (code === 'node.unknown') return refuse(404, 'unknown', `no machine ${node} in this cluster`);
    return { status: 409, body: { code, message: messageOf(error) }, result: `failed: ${messageOf(error)}` };
  }
}

class TokenBucket {
  readonly #monoMs: () => number;
  readonly #rate: CallRate;
  #tokens: number;
  #filledAtMs: number;

  constructor(monoMs: () => number, rate: CallRate) {
    this.#monoMs = monoMs;
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#filledAtMs = monoMs();
  }

  take(): boolean {
    const nowMs = this.#monoMs();
    const { burst, perSecond } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#filledAtMs) / 1000) * perSecond);
    this.#filledAtMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
