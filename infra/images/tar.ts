import { FiredrillError } from '../../harness/core/errors.ts';

/** One member of a tar archive; paths are relative (`usr/bin/node`). */
export type TarEntry =
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly mode: number;
      readonly sizeBytes: number;
      /** Opens the content; called once, and only when the bytes are needed. */
      readonly content: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
    };

const BLOCK_BYTES = 512;
const NAME_BYTES = 100;
const PREFIX_BYTES = 155;
/** Eleven octal digits. */
const SIZE_LIMIT_BYTES = 8 ** 11;
const TYPE_FLAGS = { file: '0', link: '2', directory: '5' } as const;

/**
 * A POSIX ustar archive as a stream of chunks. Owner, group and times are zero, so that the bytes are a function of
 * paths, modes and contents only.
 *
 * Fails with `images.tar-limit` where the format cannot hold an entry, and with `images.file-changed` when a content
 * is not as long as was said.
 */
export async function* tarChunks(entries: Iterable<TarEntry>): AsyncGenerator<Uint8Array> {
  for (const entry of entries) {
    yield tarHeader(entry);
    if (entry.kind !== 'file') continue;
    let writtenBytes = 0;
    for await (const chunk of entry.content()) {
      writtenBytes += chunk.byteLength;
      yield chunk;
    }
    if (writtenBytes !== entry.sizeBytes) {
      throw new FiredrillError(
        'images.file-changed',
        `${entry.path} gave ${writtenBytes} bytes while it was packed, ${entry.sizeBytes} were expected`,
        { hint: 'something writes to this file; build the image again when it has finished' },
      );
    }
    const padding = paddingBytes(entry.sizeBytes);
    if (padding > 0) yield new Uint8Array(padding);
  }
  yield new Uint8Array(2 * BLOCK_BYTES);
}

/** The length of the archive that `tarChunks` makes of these entries. */
export function tarSizeBytes(entries: Iterable<TarEntry>): number {
  let total = 2 * BLOCK_BYTES;
  for (const entry of entries) {
    total += BLOCK_BYTES;
    if (entry.kind === 'file') total += entry.sizeBytes + paddingBytes(entry.sizeBytes);
  }
  return total;
}

function paddingBytes(sizeBytes: number): number {
  return (BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES;
}

function tarHeader(entry: TarEntry): Uint8Array {
  const header = Buffer.alloc(BLOCK_BYTES);
  const sizeBytes = entry.kind === 'file' ? entry.sizeBytes : 0;
  if (sizeBytes >= SIZE_LIMIT_BYTES) {
    throw new FiredrillError(
      'images.tar-limit',
      `${entry.path} has ${sizeBytes} bytes, the format ends at 8 GiB`,
    );
  }
  const { name, prefix } = splitPath(entry.kind === 'directory' ? `${entry.path}/` : entry.path);
  header.write(name, 0, 'utf8');
  header.write(octal(entry.kind === 'link' ? 0o777 : entry.mode, 7), 100, 'latin1');
  header.write(octal(0, 7), 108, 'latin1');
  header.write(octal(0, 7), 116, 'latin1');
  header.write(octal(sizeBytes, 11), 124, 'latin1');
  header.write(octal(0, 11), 136, 'latin1');
  header.write(TYPE_FLAGS[entry.kind], 156, 'latin1');
  if (entry.kind === 'link') {
    if (Buffer.byteLength(entry.target) > NAME_BYTES) {
      throw new FiredrillError(
        'images.tar-limit',
        `the link ${entry.path} points to a path of over 100 bytes`,
      );
    }
    header.write(entry.target, 157, 'utf8');
  }
  header.write('ustar\0' + '00', 257, 'latin1');
  header.write(prefix, 345, 'utf8');
  // The checksum counts its own field as spaces.
  header.fill(' ', 148, 156, 'latin1');
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${octal(sum, 6)} `, 148, 'latin1');
  return header;
}

/** Puts a path into the two fields of a header: up to 155 bytes of leading folders, up to 100 of the rest. */
function splitPath(path: string): { readonly name: string; readonly prefix: string } {
  if (Buffer.byteLength(path) <= NAME_BYTES) return { name: path, prefix: '' };
  for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
    const prefix = path.slice(0, slash);
    const name = path.slice(slash + 1);
    if (Buffer.byteLength(prefix) > PREFIX_BYTES) break;
    if (name !== '' && Buffer.byteLength(name) <= NAME_BYTES) return { name, prefix };
  }
  throw new FiredrillError('images.tar-limit', `the path ${path} is too long for a tar header`, {
    hint: 'at most 155 bytes of folders and 100 bytes of the rest',
  });
}

/** Digits and the closing NUL. */
function octal(value: number, digits: number): string {
  return `${value.toString(8).padStart(digits, '0')}\0`;
}
