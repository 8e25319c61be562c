import { closeSync, openSync, readSync } from 'node:fs';

const PROGRAM_HEADER_BYTES = 56;
const TYPE_INTERPRETER = 3;
/** Enough for the file header and some sixty program headers, which follow it in every usual program. */
const HEAD_BYTES = 4_096;

/**
 * Whether a program needs a dynamic loader, by its program headers; undefined where they do not tell (no 64-bit
 * little-endian ELF file, or headers in an unusual place).
 */
export function needsLoader(program: string): boolean | undefined {
  const head = Buffer.alloc(HEAD_BYTES);
  const file = openSync(program, 'r');
  try {
    const readBytes = readSync(file, head, 0, HEAD_BYTES, 0);
    return needsLoaderByHead(head.subarray(0, readBytes));
  } finally {
    closeSync(file);
  }
}

export function needsLoaderByHead(head: Buffer): boolean | undefined {
  if (head.length < 64 || head.toString('latin1', 0, 6) !== '\x7fELF\x02\x01') return undefined;
  const offset = Number(head.readBigUInt64LE(32));
  const count = head.readUInt16LE(56);
  if (head.readUInt16LE(54) !== PROGRAM_HEADER_BYTES) return undefined;
  if (offset + count * PROGRAM_HEADER_BYTES > head.length) return undefined;
  for (let header = 0; header < count; header++) {
    if (head.readUInt32LE(offset + header * PROGRAM_HEADER_BYTES) === TYPE_INTERPRETER) return true;
  }
  return false;
}
