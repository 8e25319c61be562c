/**
 * The largest of the values and `atLeast`. Unlike `Math.max(...values)`, whose arguments lie on the stack, it takes any
 * number of them.
 */
export function largest(values: Iterable<number>, atLeast = Number.NEGATIVE_INFINITY): number {
  let found = atLeast;
  for (const value of values) found = Math.max(found, value);
  return found;
}

/** The smallest of the values and `atMost`. */
export function smallest(values: Iterable<number>, atMost = Number.POSITIVE_INFINITY): number {
  let found = atMost;
  for (const value of values) found = Math.min(found, value);
  return found;
}
