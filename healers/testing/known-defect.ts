import { AssertionError } from 'node:assert';

/**
 * Options of a test that claims what is right and does not hold yet. It passes only while one of its assertions fails;
 * once the defect is mended it is reported as failed, and whoever mended it takes this mark away.
 */
export const KNOWN_DEFECT = { expectFailure: AssertionError } as const;

/**
 * Holds a test of a known defect to its case: without it, an assertion could fail for another reason than the defect.
 * @throws Error, which is no failed assertion and thus fails the test, when the case did not come about
 */
export function given(cameAbout: boolean, what: string): void {
  if (!cameAbout) throw new Error(`the case did not come about: ${what}`);
}
