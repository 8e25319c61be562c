/** How hard a machine may be driven by builds. */
export interface Pace {
  /** Bundles made at the same time. */
  readonly atOnce: number;
  /** The compilers' GOGC: the higher, the more memory and the less work. */
  readonly gogc: number;
}

const ROOMY_BYTES = 6e9;

/**
 * With enough memory two builds run at once: while one loads its module graph or links, the other keeps the second core
 * busy, and modules of the next are downloaded during the compilation of the first. A small machine builds one
 * after another with the compilers' usual thrift.
 */
export function paceFor(memoryBytes: number): Pace {
  return memoryBytes >= ROOMY_BYTES ? { atOnce: 2, gogc: 400 } : { atOnce: 1, gogc: 100 };
}

/** The memory that this process may use: the machine's, or its container's if that is less. */
export function usableMemory(totalBytes: number, constrainedBytes: number): number {
  return constrainedBytes > 0 ? Math.min(totalBytes, constrainedBytes) : totalBytes;
}
