import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { basename, dirname } from 'node:path';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { knownErrorCode } from '../../harness/core/error-codes.ts';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import { keyPath } from '../../harness/core/key-path.ts';
import { openResponse } from '../http/http.ts';

const REFUSAL = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().exactOptional(),
  userError: z.boolean().exactOptional(),
});

/** A client of one supervisor's control door. */
export class SupervisorClient {
  readonly socketPath: string;

  constructor(socketPath: string) {
    this.socketPath = socketPath;
  }

  /**
   * Has something done; what is answered then says nothing.
   * @throws FiredrillError the supervisor's own error, `supervisor.unreachable` or `supervisor.unknown-answer`
   */
  async call(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<void> {
    await this.ask(z.unknown(), method, path, body, signal);
  }

  /**
   * @param shape of the answer, for most one of `ANSWERS` in protocol.ts
   * @throws FiredrillError the supervisor's own error, `supervisor.unreachable` or `supervisor.unknown-answer`
   */
  async ask<T>(
    shape: z.ZodType<T>,
    method: string,
    path: string,
    body?: unknown,
    signal?: AbortSignal,
  ): Promise<T> {
    const response = await this.#open(method, path, body, signal);
    return this.#read(shape, path, await this.#textOf(response));
  }

  /**
   * Follows a stream of JSON lines until the signal aborts or the supervisor ends it.
   * @throws FiredrillError as `ask` does; `supervisor.unreachable` also where the stream is cut
   */
  async *lines<T>(shape: z.ZodType<T>, path: string, signal: AbortSignal): AsyncGenerator<T> {
    const response = await this.#open('GET', path, undefined, signal);
    try {
      let rest = '';
      for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) yield this.#read(shape, path, line);
      }
      if (rest !== '') throw new Error('the stream ended within a line');
    } catch (error) {
      if (signal.aborted) return;
      throw error instanceof FiredrillError ? error : this.#unreachable(error);
    } finally {
      response.destroy();
    }
  }

  /** A raw connection to an address of the cluster's network. */
  connect(host: string, port: number): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({
        socketPath: this.socketPath,
        path: `/v1/connect?host=${encodeURIComponent(host)}&port=${port}`,
        headers: { connection: 'upgrade', upgrade: 'tcp' },
      });
      request.on('upgrade', (_response, socket, head) => {
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      });
      request.on('response', (response) => {
        response.resume();
        reject(
          new FiredrillError(
            'cluster.no-connection',
            `${host}:${port} cannot be reached in the cluster's network`,
          ),
        );
      });
      request.on('error', (cause) => reject(this.#unreachable(cause)));
      request.end();
    });
  }

  async #open(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<IncomingMessage> {
    const response = await openResponse(() => this.#connect(), { method, path, json: body }, signal).catch(
      (cause: unknown) => {
        throw this.#unreachable(cause);
      },
    );
    if (response.statusCode === 200) return response;
    throw errorFrom(this.#read(REFUSAL, path, await this.#textOf(response)));
  }

  async #textOf(response: IncomingMessage): Promise<string> {
    try {
      return await text(response);
    } catch (cause) {
      throw this.#unreachable(cause);
    }
  }

  /** Keys that nobody here knows are let through. */
  #read<T>(shape: z.ZodType<T>, path: string, json: string): T {
    try {
      const answer: unknown = JSON.parse(json);
      shape.parse(answer);
      return answer as T;
    } catch (cause) {
      const wrong =
        cause instanceof z.ZodError
          ? cause.issues.map((issue) => `${keyPath(issue.path)}: ${issue.message}`).join('; ')
          : messageOf(cause);
      throw new FiredrillError(
        'supervisor.unknown-answer',
        `the supervisor at ${this.socketPath} answers ${path} in a way that is not known here: ${wrong}`,
        {
          cause,
          hint: `it is of another version: use that one, or firedrill down --name ${basename(dirname(this.socketPath))}`,
        },
      );
    }
  }

  #connect(): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.socketPath);
      socket.once('connect', () => resolve(socket)).once('error', reject);
    });
  }

  #unreachable(cause: unknown): FiredrillError {
    return new FiredrillError(
      'supervisor.unreachable',
      `the supervisor at ${this.socketPath} does not answer`,
      { cause, hint: 'firedrill status shows which clusters are up' },
    );
  }
}

function errorFrom({ code, message, hint, userError }: z.infer<typeof REFUSAL>): FiredrillError {
  return new FiredrillError(knownErrorCode(code) ?? 'supervisor.failed', message, {
    hint,
    userError: userError ?? false,
  });
}
