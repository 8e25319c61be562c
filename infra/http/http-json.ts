import type { IncomingMessage, ServerResponse } from 'node:http';
import { FiredrillError } from '../../harness/core/errors.ts';

const BODY_MAX_BYTES = 1024 * 1024;

/**
 * Reads a request's body as JSON; an empty body is an empty object.
 * @throws FiredrillError `http.body-too-large`, `http.bad-json`, both the caller's fault
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > BODY_MAX_BYTES)
      throw new FiredrillError('http.body-too-large', `a body of more than ${BODY_MAX_BYTES} bytes`);
    chunks.push(chunk as Buffer);
  }
  if (size === 0) return {};
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    throw new FiredrillError(
      'http.bad-json',
      `the body of ${request.method ?? ''} ${request.url ?? ''} is no JSON`,
      { cause },
    );
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
