import type { ServerResponse } from 'node:http';

/** A numbered log that streams read from; `lineAt` gives the line to send for a cursor and the cursor after it. */
export interface LineSource {
  /** Nothing when the cursor is at the end. */
  lineAt(cursor: number): { readonly line: object; readonly next: number } | undefined;
}

export interface LineStream {
  /** Sends what the source has by now; call it whenever the source grew. */
  pump(): void;
  /** Sends one line outside of the source (a heartbeat). */
  send(line: object): void;
  /** Sends what is left, then `last`, and ends the response. */
  end(last: object): void;
}

/**
 * Sends a source as JSON lines from `cursor` on. A slow reader costs no memory: lines stay in the source until the
 * socket takes them.
 */
export function streamLines(
  response: ServerResponse,
  source: LineSource,
  options: { readonly cursor: number; readonly hello: object; readonly onClose: () => void },
): LineStream {
  let cursor = options.cursor;
  let blocked = false;
  let last: object | undefined;
  let ended = false;

  function write(line: object): void {
    if (!response.write(`${JSON.stringify(line)}\n`)) blocked = true;
  }

  function pump(): void {
    while (!blocked && !ended) {
      const found = source.lineAt(cursor);
      if (found === undefined) break;
      cursor = found.next;
      write(found.line);
    }
    if (last !== undefined && !blocked && !ended) {
      ended = true;
      response.end(`${JSON.stringify(last)}\n`);
    }
  }

  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  response.on('drain', () => {
    blocked = false;
    pump();
  });
  response.on('close', () => {
    ended = true;
    options.onClose();
  });
  write(options.hello);
  pump();
  return {
    pump,
    send: (line) => {
      if (!blocked && !ended) write(line);
    },
    end: (line) => {
      last = line;
      pump();
    },
  };
}
