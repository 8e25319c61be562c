import { readFileSync } from 'node:fs';
import { describeError } from '../harness/core/errors.ts';
import { verifyChain } from './runtime/audit-chain.ts';

/**
 * `node healers/audit-verify.ts FILE [LAST_HASH]`: 0 when the chain is whole, 1 with the first line that is not,
 * 64 when there is nothing to read.
 */
function main(): number {
  const [path, lastHash] = process.argv.slice(2);
  if (path === undefined) {
    process.stderr.write('usage: audit-verify FILE [LAST_HASH]\n');
    return 64;
  }
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    return 64;
  }
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const finding = verifyChain(lines, lastHash);
  if (finding.ok) {
    process.stdout.write(`${path}: ${finding.lines} lines, chain whole, last hash ${finding.lastHash}\n`);
    return 0;
  }
  process.stderr.write(`${path}:${finding.lineNumber}: ${finding.problem}\n`);
  return 1;
}

process.exitCode = main();
