import { setFlagsFromString } from 'node:v8';

/**
 * From now on the heap grows in small steps: memory for time. What is read of a long journal stays to the end, so that
 * space for what could be thrown away is of no use.
 */
export function preferSmallHeap(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=40');
}
