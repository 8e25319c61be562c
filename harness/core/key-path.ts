/** Where a value stands in what a user has written, e.g. `freeze[0].days`; empty for all of it. */
export function keyPath(path: readonly PropertyKey[]): string {
  const words = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`));
  return words.join('').replace(/^\./, '');
}
