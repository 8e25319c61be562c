/** An object in which what may be undefined is an optional key instead. */
type Given<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Leaves out the keys whose value is undefined. The healer does so for each node at each look, so no list is made of them. */
export function given<const T extends object>(values: T): Given<T> {
  const kept: Record<string, unknown> = {};
  for (const key of Object.keys(values)) {
    const value = (values as Record<string, unknown>)[key];
    if (value !== undefined) kept[key] = value;
  }
  return kept as Given<T>;
}

/** Why an option that takes one value is refused when it is given again: whoever gives it twice believes that both count. */
export function givenTwice(option: string): string {
  return `${option} is given twice, and only one of its values would count`;
}
