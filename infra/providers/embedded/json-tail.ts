import { closeSync, openSync, readSync, watch, type FSWatcher } from 'node:fs';

const CHUNK_BYTES = 256 * 1024;

/** Follows a growing JSON-lines file from its beginning and calls back with each whole line, parsed. */
export class JsonTail {
  readonly #fd: number;
  readonly #watcher: FSWatcher;
  readonly #onLine: (value: Record<string, unknown>) => void;
  readonly #buffer = Buffer.alloc(CHUNK_BYTES);
  #rest = '';
  #offset = 0;

  /** The file must exist. */
  constructor(path: string, onLine: (value: Record<string, unknown>) => void) {
    this.#onLine = onLine;
    this.#fd = openSync(path, 'r');
    this.#watcher = watch(path, () => this.#read());
    this.#read();
  }

  close(): void {
    this.#watcher.close();
    closeSync(this.#fd);
  }

  #read(): void {
    for (;;) {
      const count = readSync(this.#fd, this.#buffer, 0, CHUNK_BYTES, this.#offset);
      if (count === 0) return;
      this.#offset += count;
      // latin1 keeps a multi-byte character whole when a chunk ends inside it; lines are decoded one by one.
      const lines = (this.#rest + this.#buffer.toString('latin1', 0, count)).split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line !== '')
          this.#onLine(JSON.parse(Buffer.from(line, 'latin1').toString('utf8')) as Record<string, unknown>);
      }
    }
  }
}
