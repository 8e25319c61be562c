import { createHash } from 'node:crypto';
import { FiredrillError } from '../../harness/core/errors.ts';
import { fillIn } from './address.ts';
import type { Architecture, Bundle } from './component.ts';
import { askFollowing, failed } from './release-host.ts';

/** A checksum that a person may put into the table after comparing it with what the publisher says. */
interface Proposal {
  readonly bundle: string;
  readonly version: string;
  readonly architecture: Architecture;
  readonly url: string;
  readonly sha256: string;
}

const ARCHITECTURES: readonly Architecture[] = ['amd64', 'arm64'];

/**
 * Reads every release file that has no checksum in the table and computes one. Nothing is kept or run: whether the file is the
 * genuine one is for a person to find out.
 *
 * @throws FiredrillError `toolchain.download-failed`
 */
export async function propose(
  bundles: readonly Bundle[],
  environment: NodeJS.ProcessEnv,
  onUrl: (url: string) => void = () => undefined,
  signal?: AbortSignal,
): Promise<readonly Proposal[]> {
  const proposals: Proposal[] = [];
  for (const bundle of bundles)
    for (const { url: template, checksums } of bundle.download ?? [])
      for (const architecture of ARCHITECTURES) {
        if (checksums[architecture] !== undefined) continue;
        const url = fillIn(template, bundle, architecture);
        onUrl(url);
        const sha256 = await digestOfUrl(url, environment, signal);
        proposals.push({ bundle: bundle.name, version: bundle.version, architecture, url, sha256 });
      }
  return proposals;
}

async function digestOfUrl(
  url: string,
  environment: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<string> {
  try {
    const answer = await askFollowing(url, { environment, signal });
    if (answer.statusCode !== 200) throw failed(`${url} answered ${answer.statusCode}`);
    const hash = createHash('sha256');
    for await (const chunk of answer as AsyncIterable<Uint8Array>) hash.update(chunk);
    return hash.digest('hex');
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof FiredrillError ? error : failed(`${url} could not be read`, error);
  }
}
