import { FiredrillError } from './errors.ts';

interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values: readonly string[];
}
type Labels = Readonly<Record<string, string>> | undefined;

const OPERATOR = /^(==|=|!=|!|\(|\)|,)/;
const WORD = /^[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?/;

interface Token {
  readonly text: string;
  readonly at: number;
  readonly isWord: boolean;
}

/**
 * `app=web,tier in (a,b),!legacy` as requirements; '' selects everything.
 * Throws `kube.bad-selector`, with the position, for what the API server would refuse.
 */
export function parseSelector(text: string): Requirement[] {
  const reader = new TokenReader(text, tokensOf(text));
  const requirements: Requirement[] = [];
  if (reader.isAtEnd()) return requirements;
  for (;;) {
    requirements.push(readRequirement(reader));
    if (reader.isAtEnd()) return requirements;
    reader.expect(',');
  }
}

/** Whether labels meet every requirement. A `NotIn` is met by a missing label too. */
export function matchesSelector(selector: readonly Requirement[], labels: Labels): boolean {
  return selector.every((requirement) => meets(requirement, labels?.[requirement.key]));
}

function meets({ operator, values }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

function readRequirement(reader: TokenReader): Requirement {
  if (reader.take('!')) return { key: reader.word('a label key'), operator: 'DoesNotExist', values: [] };
  const key = reader.word('a label key');
  if (reader.isAtEnd() || reader.sees(',')) return { key, operator: 'Exists', values: [] };
  if (reader.take('=') || reader.take('==')) return { key, operator: 'In', values: [reader.value()] };
  if (reader.take('!=')) return { key, operator: 'NotIn', values: [reader.value()] };
  if (reader.take('in')) return { key, operator: 'In', values: readSet(reader) };
  if (reader.take('notin')) return { key, operator: 'NotIn', values: readSet(reader) };
  return reader.fail('=, !=, in, notin, a comma or the end');
}

function readSet(reader: TokenReader): string[] {
  reader.expect('(');
  const values = [reader.value()];
  while (reader.take(',')) values.push(reader.value());
  reader.expect(')');
  return values;
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const space = /^\s+/.exec(rest)?.[0];
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const operator = OPERATOR.exec(rest)?.[0];
    const word = operator === undefined ? WORD.exec(rest)?.[0] : undefined;
    const found = operator ?? word;
    if (found === undefined) throw badSelector(text, at, `${rest.charAt(0)} has no meaning here`);
    tokens.push({ text: found, at, isWord: word !== undefined });
    at += found.length;
  }
  return tokens;
}

class TokenReader {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string, tokens: readonly Token[]) {
    this.#text = text;
    this.#tokens = tokens;
  }

  isAtEnd(): boolean {
    return this.#next >= this.#tokens.length;
  }
  sees(text: string): boolean {
    return this.#tokens[this.#next]?.text === text;
  }
  take(text: string): boolean {
    const found = this.sees(text);
    if (found) this.#next++;
    return found;
  }
  expect(text: string): void {
    if (!this.take(text)) this.fail(`"${text}"`);
  }
  word(what: string): string {
    const token = this.#tokens[this.#next];
    if (token?.isWord !== true) return this.fail(what);
    this.#next++;
    return token.text;
  }
  /** A label value may be empty. */
  value(): string {
    if (this.isAtEnd() || this.sees(',') || this.sees(')')) return '';
    return this.word('a label value');
  }
  fail(expected: string): never {
    const token = this.#tokens[this.#next];
    const found = token === undefined ? 'the end' : `"${token.text}"`;
    throw badSelector(this.#text, token?.at ?? this.#text.length, `expected ${expected}, found ${found}`);
  }
}

function badSelector(text: string, at: number, problem: string): FiredrillError {
  return new FiredrillError('kube.bad-selector', `label selector "${text}", character ${at + 1}: ${problem}`);
}
