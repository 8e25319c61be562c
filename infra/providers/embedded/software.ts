import { FiredrillError } from '../../../harness/core/errors.ts';
import type { ClusterSoftware } from '../../cluster.ts';
import { run } from '../../process/run.ts';
import { digestOf } from '../../toolchain/digest.ts';
import type { Tool } from '../../toolchain/index.ts';
import { provenanceOf } from '../../toolchain/provenance.ts';

/** The programs of an embedded cluster as they will run: those of the tool chain, and runc of the distribution. */
export async function softwareOf(
  tools: readonly Tool[],
  runcPath: string,
  signal: AbortSignal,
): Promise<readonly ClusterSoftware[]> {
  const version = runcVersion(await run(runcPath, ['--version'], { signal }));
  const digest = `sha256:${await digestOf(runcPath, signal)}`;
  return [...tools.map(provenanceOf), { name: 'runc', version, source: 'system' as const, digest }];
}

/** `runc version 1.1.5+ds1` stands in its first line. */
export function runcVersion(output: string): string {
  const version = /^runc version (\S+)/m.exec(output)?.[1];
  if (version !== undefined) return version;
  throw new FiredrillError('embedded.no-runc-version', `runc --version says "${output.slice(0, 80)}"`);
}
