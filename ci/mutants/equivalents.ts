import type { Mutant } from './mutants.ts';

/** Its place, by the lines that the mutation touches, and what they become. */
type Place = Pick<Mutant, 'file' | 'before' | 'after'>;

/** Mutants that no test can tell from the source, each with the reason: they do not count. */
export const EQUIVALENTS: readonly (Place & { readonly why: string })[] = [
  {
    file: 'healers/node/plan-off.ts',
    before: 'return (node.remediationAgeMs ?? 0) > policy.replacementDeadlineMs',
    after: 'return (node.remediationAgeMs ?? 1) > policy.replacementDeadlineMs',
    why: 'a node that has a remediation has its age',
  },
  {
    file: 'harness/core/slo/promql-types.ts',
    before: 'args.length > most ? (args[most]?.from ?? from) : to - 1,',
    after: 'args.length >= most ? (args[most]?.from ?? from) : to - 1,',
    why: 'exactly as many arguments as may be are neither too many nor too few, and then this is not asked',
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
];

export function isEquivalent({ file, before, after }: Place, among: readonly Place[] = EQUIVALENTS): boolean {
  return among.some((one) => one.file === file && one.before === before && one.after === after);
}
