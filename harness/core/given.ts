/** An object in which what may be undefined is an optional key instead. */
type Given<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Leaves out the keys whose value is undefined. */
export function given<const T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
}

/** Why an option that takes one value is refused when it is given again: whoever gives it twice believes that both count. */
export function givenTwice(option: string): string {
  return `${option} is given twice, and only one of its values would count`;
}
