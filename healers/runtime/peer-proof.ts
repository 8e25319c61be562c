import { createHmac, timingSafeEqual } from 'node:crypto';

/** The header in which a question and its answer show that they come from who knows the token. */
export const PROOF_HEADER = 'x-firedrill-proof';

/**
 * Shows that who says this knows the token of the replicas, which is not sent: an HMAC (RFC 2104) with SHA-256 over the parts. Of an answer the
 * question with its random number is a part, so that no answer is good twice.
 */
export function proofOf(token: string, parts: readonly string[]): string {
  return createHmac('sha256', token).update(JSON.stringify(parts)).digest('hex');
}

/** Whether it is the proof of these parts; with an empty token nothing is. */
export function isProof(shown: string | undefined, token: string, parts: readonly string[]): boolean {
  const given = Buffer.from(shown ?? '');
  const wanted = Buffer.from(proofOf(token, parts));
  return token !== '' && given.length === wanted.length && timingSafeEqual(given, wanted);
}
