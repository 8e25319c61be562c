import { readFileSync } from 'node:fs';
import { isRecord } from '../../harness/core/is-record.ts';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';

/**
 * A reader of one JSON object that collects every problem with its key path instead of stopping at the first. It is our
 * own because a library of schemas (zod) makes the healer's program three times as large: 1,141 KB in place of 384 KB; and
 * its leaner form, zod/mini, adds 43 KB and to a start of 74 ms of processor time another 13 ms.
 */
export class ConfigReader {
  readonly #problems: string[];
  readonly #path: string;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #read = new Set<string>();

  constructor(value: unknown, path: string, problems: string[]) {
    this.#path = path;
    this.#problems = problems;
    if (value !== undefined && !isRecord(value)) {
      problems.push(`${path === '' ? 'the configuration' : path}: must be an object, is ${describe(value)}`);
    }
    this.#values = isRecord(value) ? value : {};
  }

  object(key: string): ConfigReader {
    return new ConfigReader(this.#take(key), this.#at(key), this.#problems);
  }

  /** A number within its bounds; `unit` names what it counts. */
  number(
    key: string,
    fallback: number,
    bounds: { readonly min: number; readonly max: number; readonly whole?: boolean },
  ): number {
    const value = this.#take(key);
    if (value === undefined) return fallback;
    if (typeof value !== 'number' || !Number.isFinite(value) || value < bounds.min || value > bounds.max) {
      return this.#wrong(key, `a number from ${bounds.min} to ${bounds.max}`, value, fallback);
    }
    if (bounds.whole !== false && !Number.isInteger(value))
      return this.#wrong(key, 'a whole number', value, fallback);
    return value;
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.#take(key);
    if (value === undefined) return fallback;
    return typeof value === 'boolean' ? value : this.#wrong(key, 'true or false', value, fallback);
  }

  string(key: string, fallback: string): string {
    const value = this.#take(key);
    if (value === undefined) return fallback;
    return typeof value === 'string' ? value : this.#wrong(key, 'a text', value, fallback);
  }

  choice<const T extends string>(key: string, choices: readonly T[], fallback: T): T {
    const value = this.#take(key);
    if (value === undefined) return fallback;
    const found = choices.find((each) => each === value);
    return found ?? this.#wrong(key, `one of ${choices.join(', ')}`, value, fallback);
  }

  strings(key: string, fallback: readonly string[]): readonly string[] {
    const value = this.#take(key);
    if (value === undefined) return fallback;
    if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value;
    return this.#wrong(key, 'a list of texts', value, fallback);
  }

  list(key: string): readonly unknown[] {
    const value = this.#take(key);
    if (value === undefined) return [];
    return Array.isArray(value) ? value : this.#wrong(key, 'a list', value, []);
  }

  problem(key: string, what: string): void {
    this.#problems.push(`${this.#at(key)}: ${what}`);
  }

  /** Call last: a key that nobody read is a mistake, not a wish to be ignored. */
  rejectUnknown(): void {
    for (const key of Object.keys(this.#values)) {
      if (!this.#read.has(key)) {
        this.#problems.push(`${this.#at(key)}: unknown; known are ${[...this.#read].sort().join(', ')}`);
      }
    }
  }

  #take(key: string): unknown {
    this.#read.add(key);
    return this.#values[key];
  }

  #at(key: string): string {
    return this.#path === '' ? key : `${this.#path}.${key}`;
  }

  #wrong<T>(key: string, wanted: string, value: unknown, fallback: T): T {
    this.#problems.push(`${this.#at(key)}: must be ${wanted}, is ${describe(value)}`);
    return fallback;
  }
}

/** Reads a JSON file and hands it to `read`; all problems together, each with its key path. A missing file is `{}`. */
export function readConfigFile<T>(path: string | undefined, read: (reader: ConfigReader) => T): T {
  return readConfig(path === undefined ? {} : parseFile(path), path ?? 'the defaults', read);
}

function readConfig<T>(value: unknown, source: string, read: (reader: ConfigReader) => T): T {
  const problems: string[] = [];
  const reader = new ConfigReader(value, '', problems);
  const result = read(reader);
  reader.rejectUnknown();
  if (problems.length > 0) {
    throw new FiredrillError('healer.bad-config', `${source}: ${problems.join('; ')}`, {
      hint: 'correct the keys named above; healers/deploy/manifests.ts shows all of them with their defaults',
    });
  }
  return result;
}

function parseFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new FiredrillError('healer.bad-config', `${path}: ${messageOf(error)}`, { cause: error });
  }
}

function describe(value: unknown): string {
  return JSON.stringify(value).slice(0, 80);
}
