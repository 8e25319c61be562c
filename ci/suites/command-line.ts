import { messageOf } from '../../harness/core/errors.ts';

/**
 * What is read from this process's command line. `--help` ends it with the usage; where reading throws, or Node is told to
 * leave tests out, it ends with code 64.
 */
export function readOrTell<Read>(usage: string, read: () => Read): Read {
  if (process.argv.includes('--help')) {
    process.stdout.write(usage);
    process.exit(0);
  }
  try {
    const { NODE_OPTIONS = '' } = process.env;
    if (/--(experimental-)?test/.test(NODE_OPTIONS))
      throw new Error(`NODE_OPTIONS chooses among the tests, unset it: ${NODE_OPTIONS}`);
    return read();
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${usage}`);
    process.exit(64);
  }
}

/** @throws Error where one of the names is none of those that there are */
export function requireKnown(what: string, names: readonly string[], all: readonly string[]): void {
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new Error(`unknown ${what} ${unknown.join(', ')}`);
}
