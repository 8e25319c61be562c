import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { createRng } from '../../harness/core/seed.ts';
import type { Area } from './areas.ts';
import { mutationsOf, type Kinds } from './mutations.ts';

/** A file with one mutation. */
export interface Mutant {
  /** Relative to the root. */
  readonly file: string;
  readonly line: number;
  readonly operator: string;
  /** The lines that the mutation touches, on one. */
  readonly before: string;
  readonly after: string;
  /** Of the whole file. */
  readonly text: string;
}

/** All mutants of an area, in the order of their places. */
export function mutantsOf({ files, except = [], ...kinds }: Area, root: string): readonly Mutant[] {
  return globSync([...files], { cwd: root, exclude: ['**/*.test.ts', ...except] })
    .sort()
    .flatMap((file) => mutantsIn(file, readFileSync(join(root, file), 'utf8'), kinds));
}

/** All mutants of one file of this text. */
export function mutantsIn(file: string, whole: string, kinds: Kinds = {}): readonly Mutant[] {
  const source = ts.createSourceFile(file, whole, ts.ScriptTarget.Latest, true);
  return mutationsOf(source, kinds).map(({ operator, start, end, text }) => {
    const from = whole.lastIndexOf('\n', start - 1) + 1;
    const to = `${whole}\n`.indexOf('\n', end);
    return {
      ...{ file, operator, line: source.getLineAndCharacterOfPosition(start).line + 1 },
      before: onOneLine(whole.slice(from, to)),
      after: onOneLine(whole.slice(from, start) + text + whole.slice(end, to)),
      text: whole.slice(0, start) + text + whole.slice(end),
    };
  });
}

const onOneLine = (text: string): string => text.trim().replace(/\s+/g, ' ');

/** So many mutants that count, or all of them, one by one in the order of a seed. */
export function* draw(
  mutants: readonly Mutant[],
  seed: number,
  count: number,
  counts: (mutant: Mutant) => boolean,
): Generator<Mutant> {
  let drawn = 0;
  for (const mutant of createRng(seed).shuffle(mutants)) {
    if (drawn === count) return;
    if (!counts(mutant)) continue;
    drawn++;
    yield mutant;
  }
}
