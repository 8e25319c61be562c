import type { Mutant } from './mutants.ts';

/** Its place, by the lines that the mutation touches, and what they become. */
type Place = Pick<Mutant, 'file' | 'before' | 'after'>;

/** Mutants that no test can tell from the source, each with the reason: they do not count. */
export const EQUIVALENTS: readonly (Place & { readonly why: string })[] = [
  {
    file: 'healers/node/plan-off.ts',
    before:
      "const isLate = policy.mode === 'act' && (node.remediationAgeMs ?? 0) > policy.replacementDeadlineMs;",
    after:
      "const isLate = policy.mode === 'act' && (node.remediationAgeMs ?? 1) > policy.replacementDeadlineMs;",
    why: 'a node that has a remediation has its age',
  },
  {
    file: 'harness/core/recovery/unseen-outage.ts',
    before: 'if (sum <= enough) return Math.max(1, periods - 1 + (before - enough) / (before - sum));',
    after: 'if (sum < enough) return Math.max(1, periods - 1 + (before - enough) / (before - sum));',
    why: 'where both are equal the next round begins at this one, and says the same',
  },
  {
    file: 'harness/core/recovery/unseen-outage.ts',
    before: 'weights = weights.map((weight, step) => weight * (1 - (shares[step] ?? 1)));',
    after: 'weights = weights.map((weight, step) => weight * (1 - (shares[step] ?? 2)));',
    why: 'there are as many shares as weights',
  },
  {
    file: 'harness/core/recovery/probe-windows.ts',
    before: 'if (samples[last]?.ok === true) good++;',
    after: 'if (samples[last]!.ok === true) good++;',
    why: 'an index between the first and the last sample has one',
  },
  {
    file: 'harness/core/recovery/probe-windows.ts',
    before: 'if (samples[first]?.ok === true) good--;',
    after: 'if (samples[first]!.ok === true) good--;',
    why: 'an index between the first and the last sample has one',
  },
  {
    file: 'harness/core/recovery/probe-windows.ts',
    before:
      'for (let index = window.first; index <= window.last; index++) if (samples[index]?.ok === true) return index;',
    after:
      'for (let index = window.first; index <= window.last; index++) if (samples[index]!.ok === true) return index;',
    why: 'an index between the first and the last sample has one',
  },
  {
    file: 'harness/core/recovery/probe-windows.ts',
    before: 'if (samples[index]?.ok === false) return index;',
    after: 'if (samples[index]!.ok === false) return index;',
    why: 'an index between the first and the last sample has one',
  },
  {
    file: 'harness/core/recovery/probe-windows.ts',
    before: 'return samples[index]?.dueMonoMs ?? Number.NaN;',
    after: 'return samples[index]!.dueMonoMs ?? Number.NaN;',
    why: 'an index between the first and the last sample has one',
  },
  {
    file: 'harness/core/recovery/probe-windows.ts',
    before:
      'for (let index = window.first; index <= window.last; index++) if (samples[index]?.ok === true) return index;',
    after:
      'for (let index = window.first; index < window.last; index++) if (samples[index]?.ok === true) return index;',
    why: 'the last of the window is the answer where none before it is',
  },
  {
    file: 'harness/core/recovery/probe-windows.ts',
    before: 'for (let index = window.first; index <= window.last; index++)',
    after: 'for (let index = window.first; index < window.last; index++)',
    why: 'the last of the window is the answer where none before it is',
  },
  {
    file: 'harness/core/recovery/probe-windows.ts',
    before: 'for (let index = 1; index < samples.length; index++) {',
    after: 'for (let index = 1; index <= samples.length; index++) {',
    why: 'after the last request there is no instant, and no silence as long as none',
  },
  {
    file: 'harness/core/recovery/whole-recovery.ts',
    before: 'const lowMs = Math.max(0, since(previousBad?.dueMonoMs ?? restoredMs) - errorMs);',
    after: 'const lowMs = Math.max(0, since(previousBad!.dueMonoMs ?? restoredMs) - errorMs);',
    why: 'where there was an impact a request before the run has failed',
  },
  {
    file: 'harness/core/recovery/whole-recovery.ts',
    before: 'const previousBad = samples.findLast((sample) => !sample.ok && sample.dueMonoMs < restoredMs);',
    after: 'const previousBad = samples.findLast((sample) => !sample.ok && sample.dueMonoMs <= restoredMs);',
    why: 'the request with which users were restored is good',
  },
  {
    file: 'harness/core/recovery/whole-recovery.ts',
    before: 'for (let index = impact + 1; index < windows.length; index++) {',
    after: 'for (let index = impact + 1; index <= windows.length; index++) {',
    why: 'after the last window there is none, which ends it',
  },
  {
    file: 'harness/core/recovery/whole-recovery.ts',
    before: 'for (let index = impact + 1; index < windows.length; index++) {',
    after: 'for (let index = impact + 1; true; index++) {',
    why: 'after the last window there is none, which ends it',
  },
  {
    file: 'harness/core/recovery/whole-recovery.ts',
    before: 'for (let index = impact + 1; index < windows.length; index++) {',
    after: 'for (let index = impact - 1; index < windows.length; index++) {',
    why: 'the window of the impact ends every run that began before it',
  },
  {
    file: 'harness/core/recovery/recovery.ts',
    before: 'return -1;',
    after: 'return -2;',
    why: 'only the order counts, and stays',
  },
  {
    file: 'harness/core/recovery/recovery.ts',
    before: 'return 1e12 + answer.duration.atLeastMs;',
    after: 'return 2000000000000 + answer.duration.atLeastMs;',
    why: 'only the order counts, and stays',
  },
  {
    file: 'harness/core/recovery/recovery.ts',
    before: 'return 1e15;',
    after: 'return 2000000000000000;',
    why: 'only the order counts, and stays',
  },
];

export function isEquivalent({ file, before, after }: Place, among: readonly Place[] = EQUIVALENTS): boolean {
  return among.some((one) => one.file === file && one.before === before && one.after === after);
}
