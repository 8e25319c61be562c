import https from 'node:https';
import type http from 'node:http';
import type { AddressInfo } from 'node:net';
import { given } from '../../harness/core/given.ts';
import type { MachineAbility, MachinePowerState } from '../../infra/machines/protocol.ts';
import type { TestCertificate } from './certificate.ts';

interface MachineServerHooks {
  readonly powerOff: (node: string) => void | Promise<void>;
  readonly replace: (node: string) => string | Promise<string>;
}

/** The machine protocol over TLS on loopback, with every call noted and any answer replaceable. */
export class TestMachineServer {
  readonly states = new Map<string, MachinePowerState>();
  readonly calls: { readonly call: string; readonly node: string; readonly attempt: string }[] = [];
  /** The attempt of the last power-off of each machine. */
  readonly offBy = new Map<string, string>();
  /** What it says that it serves. */
  can: readonly MachineAbility[] | undefined;
  /** Whose machines they are; undefined: it does not say. */
  cluster: string | undefined;
  /** The machines' own identities, of those that tell them. */
  readonly systemUuids = new Map<string, string>();
  /** When set, answers instead of the protocol; returns true when it did. */
  intercept: ((request: http.IncomingMessage, response: http.ServerResponse) => boolean) | undefined;
  readonly token = 'machine-token';
  readonly #server: https.Server;
  readonly #hooks: MachineServerHooks;
  readonly #answers = new Map<string, string>();

  constructor(certificate: TestCertificate, hooks: MachineServerHooks) {
    this.#hooks = hooks;
    this.#server = https.createServer(
      { cert: certificate.cert, key: certificate.key },
      (request, response) => {
        void this.#answer(request, response).catch((error: unknown) => response.destroy(error as Error));
      },
    );
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    if (this.intercept?.(request, response) === true) return;
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.headers.authorization !== `Bearer ${this.token}`) {
      send(401, { code: 'denied', message: 'wrong token' });
      return;
    }
    if (request.method === 'GET' && request.url === '/v1/machines') {
      const machines = [...this.states].map(([node, state]) => ({
        node,
        state,
        observedAtMs: Date.now(),
        ...given({ systemUuid: this.systemUuids.get(node) }),
        ...(state === 'off' && this.offBy.has(node) ? { offBy: this.offBy.get(node) } : {}),
      }));
      send(200, { machines, ...given({ can: this.can, cluster: this.cluster }) });
      return;
    }
    const found = /^\/v1\/machines\/([^/]+)\/(power-off|power-on|replace)$/.exec(request.url ?? '');
    const node = decodeURIComponent(found?.[1] ?? '');
    if (found === null || !this.states.has(node)) {
      send(404, { code: 'unknown', message: `no machine ${node}` });
      return;
    }
    const { attempt, undoOf } = JSON.parse(text) as { attempt: string; undoOf?: string };
    const call = found[2] ?? '';
    this.calls.push({ call, node, attempt });
    if (call === 'power-off') {
      await this.#hooks.powerOff(node);
      this.states.set(node, 'off');
      this.offBy.set(node, attempt);
      send(200, { node, state: 'off', observedAtMs: Date.now() });
      return;
    }
    if (call === 'power-on') {
      if (this.offBy.get(node) !== undoOf) {
        send(409, { code: 'machine.fenced', message: `off by ${this.offBy.get(node) ?? 'nobody'}` });
        return;
      }
      this.states.set(node, 'on');
      send(200, { node, state: 'on', observedAtMs: Date.now() });
      return;
    }
    const replacement = this.#answers.get(attempt) ?? (await this.#hooks.replace(node));
    this.#answers.set(attempt, replacement);
    send(200, { node, replacement });
  }
}
