import { createHash } from 'node:crypto';

/** A short name of a configuration: as an annotation of the pod template it makes a change roll out. */
export function configHash(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 16);
}
