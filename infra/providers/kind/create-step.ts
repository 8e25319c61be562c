/** What kind begins to do, by a line of its own where no terminal is: ` • Preparing nodes 📦 📦  ...`. */
export function createStep(line: string): string | undefined {
  const [, step] = /^ *• (.+?)\s+\P{ASCII}.*\.\.\.\s*$/u.exec(line) ?? [];
  return step === undefined ? undefined : `kind: ${step.slice(0, 1).toLowerCase()}${step.slice(1)}`;
}
