const EXTENSION = import.meta.filename.slice(-3);

/** True where we run as an installed package, compiled; false in our own repository, where TypeScript runs as it is. */
export const isPackage = EXTENSION === '.js';

/** The name of a file of ours that is handed to another program by its path: `main` is `main.ts` or `main.js`. */
export function sourceFile(name: string): string {
  return `${name}${EXTENSION}`;
}

/**
 * How a user calls us, for every line that is printed to be typed again; `silent` says nothing but what it is asked, and `first` runs what is
 * there for certain: in a folder of a user's own nobody knows the names of the scenarios.
 */
export const COMMANDS = isPackage
  ? {
      test: 'npx firedrill test',
      first: 'npx firedrill test',
      firedrill: 'npx firedrill',
      silent: 'npx firedrill',
    }
  : {
      test: 'npm test --',
      first: 'npm test -- scenarios/node-loss',
      firedrill: 'npm run firedrill --',
      silent: 'npm run --silent firedrill --',
    };

const VERB =
  /(?<!npx )\bfiredrill (?=(adopt|analyze|approve|doctor|down|kubeconfig|reap|report|status|toolchain|up)\b|--help\b)/g;

/** Turns the `firedrill VERB` of a text that goes to a reader into what works where it is typed. */
export function asTyped(text: string): string {
  return text.replace(VERB, `${COMMANDS.firedrill} `);
}
