import { openToolchain, type Toolchain } from '../../../infra/toolchain/index.ts';
import type { ToolSource } from '../../../infra/toolchain/component.ts';
import { BUNDLES, TOOL_NAMES, TOOLS_ON_REQUEST } from '../../../infra/toolchain/components.ts';
import { createProgressLines, formatBytes } from '../../../infra/toolchain/lines.ts';
import { propose } from '../../../infra/toolchain/pin.ts';
import type { Listed } from '../../../infra/toolchain/toolchain.ts';
import { describeError, FiredrillError } from '../../core/errors.ts';
import { EXIT } from '../../run/exit-code.ts';
import { optionsOf, print, type Verb, type VerbContext } from './verb.ts';

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

Environment: FIREDRILL_TOOLCHAIN=auto|download|build|cache, FIREDRILL_TOOLCHAIN_PINNED=1 (no checksum but those of
our table), FIREDRILL_TOOLCHAIN_MIRRORS=HOST=ADDRESS,... (for instance github.com=https://mirror.example/github),
HTTPS_PROXY, NO_PROXY, FIREDRILL_TOOL_<NAME>=/path (for instance FIREDRILL_TOOL_K6), XDG_CACHE_HOME.
`;
/** Of a failure that is not its user's. */
const EXIT_FAILED = 1;

/** The programs that Firedrill runs. */
export const toolchain: Verb = {
  name: 'toolchain',
  summary: 'list, get, verify or clean the programs that are run',
  help: HELP,
  async run(args, context) {
    try {
      return await perform(args, context);
    } catch (error) {
      context.signal.throwIfAborted();
      context.err(`${describeError(error)}\n`);
      return error instanceof FiredrillError && error.userError ? EXIT.badInput : EXIT_FAILED;
    }
  },
};

async function perform(args: readonly string[], context: VerbContext): Promise<number> {
  const { values, positionals } = optionsOf(
    'toolchain',
    args,
    {
      json: { type: 'boolean', default: false },
      all: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false, short: 'h' },
    },
    { positionals: true },
  );
  const [verb, ...names] = positionals;
  if (values.help || verb === undefined) {
    (values.help ? context.out : context.err)(HELP);
    return values.help ? EXIT.asExpected : EXIT.badInput;
  }
  if (names.length > 0 && verb !== 'get') throw saysNothing(names.join(' '), verb);
  if (values.all && verb !== 'clean') throw saysNothing('--all', verb);
  const { env, err, signal } = context;
  const tools = openToolchain(env);
  const tell = (document: unknown, lines: readonly string[]): void =>
    print(context, values.json, document, lines);
  const tellRows = (listed: readonly Listed[]): void => {
    const rows = listed.flatMap(rowsOf);
    tell(
      rows,
      rows.map((row) => columns([row.tool, row.version, row.state, row.path ?? row.why ?? ''])),
    );
  };
  switch (verb) {
    case 'list':
      tellRows(await tools.list(signal));
      return EXIT.asExpected;
    case 'get':
      await get(tools, names, context, tell);
      return EXIT.asExpected;
    case 'verify': {
      const checked = await tools.verify(signal);
      tellRows(checked);
      return checked.some(({ state }) => state.kind === 'corrupt') ? EXIT_FAILED : EXIT.asExpected;
    }
    case 'clean': {
      const cleaned = await tools.clean(values.all ? 'all' : 'old', signal);
      const removed = cleaned.paths.map((path) => `removed ${path}`);
      tell(cleaned, [...removed, `${formatBytes(cleaned.bytes)} freed`]);
      return EXIT.asExpected;
    }
    case 'pin': {
      const proposals = await propose(BUNDLES, env, (url) => err(`  ${url}\n`), signal);
      tell(
        proposals,
        proposals.map((row) => columns([row.bundle, row.version, row.architecture, row.sha256])),
      );
      return EXIT.asExpected;
    }
    default:
      throw new FiredrillError('cli.unknown-verb', `firedrill toolchain has no verb "${verb}"`, {
        hint: 'firedrill toolchain --help lists the verbs.',
      });
  }
}

function saysNothing(words: string, verb: string): FiredrillError {
  return new FiredrillError('cli.bad-arguments', `firedrill toolchain ${verb}: ${words} says nothing to it`, {
    hint: 'firedrill toolchain --help',
  });
}

async function get(
  toolchain: Toolchain,
  names: readonly string[],
  { err, signal }: VerbContext,
  tell: (document: unknown, lines: readonly string[]) => void,
): Promise<void> {
  const startedAt = performance.now();
  const wanted = names.length > 0 ? names : TOOL_NAMES.filter((name) => !TOOLS_ON_REQUEST.includes(name));
  const tools = await toolchain.ensure(wanted, { onProgress: createProgressLines(err), signal });
  const all = Object.values(tools);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  tell(all, [
    ...all.map(({ name, version, source, path }) => columns([name, version, source, path])),
    `${all.length} tools ready in ${seconds} s`,
  ]);
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

const WIDTHS = [24, 9, 9] as const;

function columns(cells: readonly string[]): string {
  return cells
    .map((cell, index) => cell.padEnd(WIDTHS[index] ?? 0))
    .join(' ')
    .trimEnd();
}
