import type { Mutant } from './mutants.ts';

/** Its place, by the lines that the mutation touches, and what they become. */
type Place = Pick<Mutant, 'file' | 'before' | 'after'>;

/** Mutants that no test can tell from the source, each with the reason: they do not count. */
export const EQUIVALENTS: readonly (Place & { readonly why: string })[] = [];

export function isEquivalent({ file, before, after }: Place, among: readonly Place[] = EQUIVALENTS): boolean {
  return among.some((one) => one.file === file && one.before === before && one.after === after);
}
