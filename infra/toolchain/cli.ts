import { parseArgs } from 'node:util';
import { describeError, FiredrillError } from '../../harness/core/errors.ts';
import type { ToolSource } from './component.ts';
import { BUNDLES, TOOL_NAMES, TOOLS_ON_REQUEST } from './components.ts';
import { openToolchain } from './index.ts';
import { createProgressLines, formatBytes } from './lines.ts';
import { propose } from './pin.ts';
import type { Listed, Toolchain } from './toolchain.ts';

const HELP = `firedrill toolchain VERB [options]

The programs that Firedrill runs: Kubernetes, etcd, containerd, CNI plugins, CoreDNS, Prometheus, Alertmanager, k6,
kind, and what throw-away servers are made of.

  list              every tool: version, where it is, where it came from
  get [TOOL...]     find, download or build tools (default: what a run needs)
  verify            read every cached tool in full and compare it with what was recorded; a damaged one is
                    removed and made again by the next get
  clean [--all]     remove old versions and leftovers; with --all the whole cache
  pin               for maintainers: read the release files that have no checksum in the table and print one for
                    each, to be compared with the publisher's and added

  --json            one JSON document on standard output
  --help            this text

Environment: FIREDRILL_TOOLCHAIN=auto|download|build|cache, FIREDRILL_TOOL_<NAME>=/path (for instance
FIREDRILL_TOOL_K6), XDG_CACHE_HOME.
`;

const EXIT_FAILED = 1;
const EXIT_USAGE = 64;

/** Where the verbs write. */
interface Output {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const processOutput: Output = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
};

/**
 * The verbs of `firedrill toolchain`. Returns the exit code: 0, 1 after a failure, 64 for wrong usage.
 *
 * @throws The signal's reason when it aborts
 */
export async function runToolchain(
  argv: readonly string[],
  options: {
    readonly output?: Output;
    readonly environment: NodeJS.ProcessEnv;
    readonly signal?: AbortSignal;
  },
): Promise<number> {
  const output = options.output ?? processOutput;
  try {
    const { values, positionals } = parse(argv);
    const [verb, ...names] = positionals;
    if (values.help || verb === undefined) {
      (values.help ? output.out : output.err)(HELP);
      return values.help ? 0 : EXIT_USAGE;
    }
    const toolchain: Toolchain = openToolchain(options.environment);
    const print = (document: unknown, lines: readonly string[]) =>
      output.out(values.json ? `${JSON.stringify(document, undefined, 2)}\n` : `${lines.join('\n')}\n`);
    switch (verb) {
      case 'list': {
        const rows = (await toolchain.list(options.signal)).flatMap(rowsOf);
        print(rows, table(rows));
        return 0;
      }
      case 'get':
        return await get(toolchain, names, { ...options, output, print, json: values.json });
      case 'verify': {
        const checked = await toolchain.verify(options.signal);
        const rows = checked.flatMap(rowsOf);
        print(rows, table(rows));
        return checked.some(({ state }) => state.kind === 'corrupt') ? EXIT_FAILED : 0;
      }
      case 'clean': {
        const cleaned = await toolchain.clean(values.all ? 'all' : 'old', options.signal);
        print(cleaned, [
          ...cleaned.paths.map((path) => `removed ${path}`),
          `${formatBytes(cleaned.bytes)} freed`,
        ]);
        return 0;
      }
      case 'pin': {
        const proposals = await propose(BUNDLES, (url) => output.err(`  ${url}\n`), options.signal);
        print(
          proposals,
          proposals.map((row) => columns([row.bundle, row.version, row.architecture, row.sha256])),
        );
        return 0;
      }
      default:
        throw usageError(`There is no verb "${verb}"`);
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    output.err(`${describeError(error)}\n`);
    return error instanceof FiredrillError && error.userError ? EXIT_USAGE : EXIT_FAILED;
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        all: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false, short: 'h' },
      },
    });
  } catch (error) {
    throw usageError((error as Error).message);
  }
}

function usageError(message: string): FiredrillError {
  return new FiredrillError('toolchain.usage', message, {
    hint: 'firedrill toolchain --help lists the verbs.',
  });
}

interface GetOptions {
  readonly output: Output;
  readonly print: (document: unknown, lines: readonly string[]) => void;
  readonly json: boolean;
  readonly signal?: AbortSignal;
}

async function get(toolchain: Toolchain, names: readonly string[], options: GetOptions): Promise<number> {
  const startedAt = performance.now();
  const wanted = names.length > 0 ? names : TOOL_NAMES.filter((name) => !TOOLS_ON_REQUEST.includes(name));
  const lines = createProgressLines(options.output.err);
  const tools = await toolchain.ensure(wanted, { onProgress: lines, signal: options.signal });
  const all = Object.values(tools);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  options.print(all, [
    ...all.map(({ name, version, source, path }) => columns([name, version, source, path])),
    `${all.length} tools ready in ${seconds} s`,
  ]);
  return 0;
}

/** One tool of a listing. */
interface Row {
  readonly tool: string;
  readonly version: string;
  readonly state: 'cached' | 'absent' | 'corrupt' | 'override';
  readonly source?: ToolSource;
  readonly path?: string;
  readonly digest?: string;
  readonly why?: string;
}

function rowsOf({ bundle, folder, state, overrides }: Listed): Row[] {
  return bundle.tools.map((tool): Row => {
    const base = { tool, version: bundle.version };
    if (overrides.has(tool))
      return { ...base, state: 'override', source: 'override', path: overrides.get(tool) ?? '' };
    if (state.kind === 'absent') return { ...base, state: 'absent' };
    if (state.kind === 'corrupt') return { ...base, state: 'corrupt', why: state.why };
    const digest = `sha256:${state.record.binaries[tool]?.sha256 ?? ''}`;
    return { ...base, state: 'cached', source: state.record.source, path: `${folder}/${tool}`, digest };
  });
}

function table(rows: readonly Row[]): string[] {
  return rows.map((row) => columns([row.tool, row.version, row.state, row.path ?? row.why ?? '']));
}

const WIDTHS = [24, 9, 9] as const;

function columns(cells: readonly string[]): string {
  return cells
    .map((cell, index) => cell.padEnd(WIDTHS[index] ?? 0))
    .join(' ')
    .trimEnd();
}
