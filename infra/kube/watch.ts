import type { IncomingMessage } from 'node:http';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import type { KubeClient } from './client.ts';
import type { KubeObject, Status } from './objects.ts';
import type { QueryValue } from './transport.ts';

/** One line of a watch stream. */
export type WatchFrame<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  /** Nothing happened up to this resourceVersion. */
  | { readonly type: 'BOOKMARK'; readonly object: KubeObject }
  | { readonly type: 'ERROR'; readonly object: Status };

interface WatchRequest {
  /** The collection's path. */
  readonly path: string;
  readonly query?: Readonly<Record<string, QueryValue>>;
  /** Events after this one are sent. */
  readonly resourceVersion: string;
  /** The server ends the watch after so long. */
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
  /** For the headers. */
  readonly timeoutMs?: number;
}

/** Opens one watch, with bookmarks. It ends, cleanly or not: see list-watch.ts for one that does not. */
export async function openWatch(kube: KubeClient, request: WatchRequest): Promise<IncomingMessage> {
  const { path, query, resourceVersion, timeoutSeconds, signal, timeoutMs } = request;
  return await kube.stream({
    method: 'GET',
    path,
    query: { ...query, watch: true, allowWatchBookmarks: true, resourceVersion, timeoutSeconds },
    signal,
    timeoutMs,
  });
}

/** The frames of an open watch. Ends with it; throws when it breaks, or when a line is no frame. */
export async function* watchFrames<T>(stream: AsyncIterable<Buffer>): AsyncGenerator<WatchFrame<T>> {
  for await (const line of linesOf(stream)) {
    if (line !== '') yield parseFrame<T>(line);
  }
}

/** The lines of a byte stream; a last line without its end is dropped. */
export async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  // A large object comes in many chunks: they are joined once, when its line is complete.
  let parts: Buffer[] = [];
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      parts.push(chunk.subarray(start, end));
      yield Buffer.concat(parts).toString('utf8');
      parts = [];
      start = end + 1;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  }
}

function parseFrame<T>(line: string): WatchFrame<T> {
  try {
    return JSON.parse(line) as WatchFrame<T>;
  } catch (error) {
    throw new FiredrillError(
      'kube.bad-frame',
      `a watch brought a line that is no JSON (${messageOf(error)}): ${line.slice(0, 80)}`,
      { cause: error },
    );
  }
}
