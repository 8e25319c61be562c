import { hash } from 'node:crypto';

/** Half of SHA-256: nobody finds another line with the same. */
const DIGEST_LENGTH = 32;
const MEMBER = ',"digest":"';
const ENDING = '"}';
const TAIL_LENGTH = MEMBER.length + DIGEST_LENGTH + ENDING.length;

/** A line of a journal, and the digest that it carries. */
interface ChainedLine {
  readonly line: string;
  readonly digest: string;
}

/**
 * Adds to an object's JSON, as its last member, the digest over the digest before it and the object itself: whoever
 * knows the last digest of a journal knows every line of it.
 *
 * @param previous the digest of the line before; empty before the first
 */
export function chainLine(previous: string, json: string): ChainedLine {
  const open = json.slice(0, -1);
  const digest = digestOf(previous, open);
  return { line: `${open}${MEMBER}${digest}${ENDING}`, digest };
}

/** A line taken apart: the object's JSON without its digest, and whether that follows from the line before. */
export interface UnchainedLine {
  readonly json: string;
  readonly digest: string;
  readonly follows: boolean;
}

/** Undefined where the line carries no digest. */
export function unchainLine(previous: string, line: string): UnchainedLine | undefined {
  const open = line.slice(0, -TAIL_LENGTH);
  const tail = line.slice(-TAIL_LENGTH);
  if (!tail.startsWith(MEMBER) || !tail.endsWith(ENDING)) return undefined;
  const digest = tail.slice(MEMBER.length, -ENDING.length);
  return { json: `${open}}`, digest, follows: digest === digestOf(previous, open) };
}

function digestOf(previous: string, open: string): string {
  return hash('sha256', previous + open, 'hex').slice(0, DIGEST_LENGTH);
}
