import type { Reporter } from '../incident/report.ts';

/** Tells nobody anything, for tests of what is done and not of what is told. */
export const SILENT_REPORTER: Reporter = {
  event: () => undefined,
  notify: () => undefined,
  measure: {
    refusal: () => undefined,
    decision: () => undefined,
    action: () => undefined,
    stage: () => undefined,
  },
};
