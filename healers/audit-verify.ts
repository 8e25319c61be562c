import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { describeError } from '../harness/core/errors.ts';
import { given } from '../harness/core/given.ts';
import { startOf, verifyChain } from './runtime/audit-chain.ts';

const USAGE = `usage: audit-verify FILE... [--last-hash HASH] [--continued]
  FILE...       the parts of one audit, oldest first
  --last-hash   the hash of the last line, kept elsewhere: shows lines cut off at the end
  --continued   the first FILE continues an older one that is not at hand
`;

/** Exit code 0 when the chain is whole, 1 with the first line that is not, 64 when there is nothing to read. */
function main(): number {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { 'last-hash': { type: 'string' }, continued: { type: 'boolean' } },
  });
  const lines = positionals.flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .filter((text, index, all) => text !== '' || index < all.length - 1)
      .map((text, index) => ({ text, place: `${path}:${index + 1}` })),
  );
  if (positionals.length === 0) throw new Error(USAGE);
  const start = values.continued === true ? startOf(lines[0]?.text ?? '') : undefined;
  const lastHash = values['last-hash'];
  const finding = verifyChain(
    lines.map(({ text }) => text),
    given({ start, lastHash }),
  );
  if (finding.ok) {
    process.stdout.write(`${finding.lines} lines, chain whole, last hash ${finding.lastHash}\n`);
    return 0;
  }
  process.stderr.write(`${lines[finding.lineNumber - 1]?.place ?? 'end'}: ${finding.problem}\n`);
  return 1;
}

try {
  process.exitCode = main();
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 64;
}
