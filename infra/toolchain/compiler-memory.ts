const ROOMY_BYTES = 6e9;

/**
 * The compilers' GOGC: the higher, the more memory and the less work. 400 costs a quarter less processor time than the usual
 * 100; a small machine keeps to that.
 */
export function compilerGogc(memoryBytes: number): number {
  return memoryBytes >= ROOMY_BYTES ? 400 : 100;
}

/** The memory that this process may use: the machine's, or its container's if that is less. */
export function usableMemory(totalBytes: number, constrainedBytes: number): number {
  return constrainedBytes > 0 ? Math.min(totalBytes, constrainedBytes) : totalBytes;
}
