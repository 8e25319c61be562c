/**
 * Holds a test of a defect to its case: without it, an assertion could hold, or fail, for another reason than the defect.
 * @throws Error, which is no failed assertion and thus fails the test, when the case did not come about
 */
export function given(cameAbout: boolean, what: string): void {
  if (!cameAbout) throw new Error(`the case did not come about: ${what}`);
}
