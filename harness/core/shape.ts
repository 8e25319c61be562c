import { isRecord } from './is-record.ts';

/** What a member of an object from a file may be. An `amount` is a number that is never below 0; a list holds all words that are known. */
type Member<T> = [T] extends [number]
  ? 'number' | 'amount'
  : [T] extends [string]
    ? string extends T
      ? 'text'
      : readonly T[]
    : [T] extends [boolean]
      ? 'flag'
      : [T] extends [readonly (readonly [number, number | null])[]]
        ? 'points'
        : [T] extends [readonly string[]]
          ? 'texts'
          : [T] extends [readonly unknown[]]
            ? 'records'
            : 'record';

/** The members of an object from a file; those that may be absent end with a question mark. The compiler compares them with the type. */
export type Shape<E> = {
  readonly [F in keyof E & string as object extends Pick<E, F> ? `${F}?` : F]-?: Member<
    Exclude<E[F], undefined>
  >;
};

/** How each member is called, and what it has to be. */
const MEMBERS = {
  number: ['a number', Number.isFinite],
  amount: ['a number from 0 on', (value) => Number.isFinite(value) && (value as number) >= 0],
  text: ['a text', (value) => typeof value === 'string'],
  flag: ['true or false', (value) => typeof value === 'boolean'],
  points: ['a list of instants with values', (value) => Array.isArray(value) && value.every(isPoint)],
  texts: [
    'a list of texts',
    (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
  ],
  records: ['a list of objects', (value) => Array.isArray(value) && value.every(isRecord)],
  record: ['an object', isRecord],
} as const satisfies Readonly<Record<string, readonly [words: string, isOne: (value: unknown) => boolean]>>;

function isPoint(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const [wallMs, number] = value as readonly unknown[];
  return Number.isFinite(wallMs) && (number === null || Number.isFinite(number));
}

interface MemberCheck {
  readonly name: string;
  readonly words: string;
  readonly isOne: (value: unknown) => boolean;
  readonly isOptional: boolean;
}

/** One shape, ready to be compared with. */
export type ShapeCheck = readonly MemberCheck[];

export function shapeCheck(shape: Readonly<Record<string, string | readonly string[]>>): ShapeCheck {
  return Object.entries(shape).map(([key, member]) => {
    const name = key.replace('?', '');
    return { name, ...checkOf(member), isOptional: name !== key };
  });
}

function checkOf(member: string | readonly string[]): Pick<MemberCheck, 'words' | 'isOne'> {
  if (typeof member !== 'string')
    return { words: `one of ${member.join(', ')}`, isOne: (value) => member.includes(value as string) };
  const [words, isOne] = MEMBERS[member as keyof typeof MEMBERS];
  return { words, isOne };
}

/** What an object lacks of a shape, in words: `true or false in "ok"`; undefined where it has all. */
export function missingIn(object: Readonly<Record<string, unknown>>, shape: ShapeCheck): string | undefined {
  for (const { name, words, isOne, isOptional } of shape) {
    const value = object[name];
    if (value === undefined ? !isOptional : !isOne(value)) return `${words} in "${name}"`;
  }
  return undefined;
}
