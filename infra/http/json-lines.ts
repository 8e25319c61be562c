import { appendFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';

/** A stream of values that any number of listeners follow from the moment they join. */
export class Broadcast<T> {
  readonly #listeners = new Set<(value: T) => void>();

  publish(value: T): void {
    for (const listener of this.#listeners) listener(value);
  }

  subscribe(listener: (value: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Answers a request with one JSON line per published value until the client goes away. */
export function streamJsonLines<T>(
  response: ServerResponse,
  source: Broadcast<T>,
  first: readonly T[] = [],
): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  response.flushHeaders();
  for (const value of first) response.write(`${JSON.stringify(value)}\n`);
  const unsubscribe = source.subscribe((value) => response.write(`${JSON.stringify(value)}\n`));
  response.on('close', unsubscribe);
}

/** Adds one line to a file that only its owner may read. */
export function appendJsonLine(path: string, value: object): void {
  appendFileSync(path, `${JSON.stringify(value)}\n`, { mode: 0o600 });
}
