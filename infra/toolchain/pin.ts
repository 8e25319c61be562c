import { createHash } from 'node:crypto';
import { FiredrillError } from '../../harness/core/errors.ts';
import type { Architecture, Bundle } from './component.ts';
import { fillIn } from './download.ts';

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
  onUrl: (url: string) => void = () => undefined,
  signal?: AbortSignal,
): Promise<readonly Proposal[]> {
  const proposals: Proposal[] = [];
  for (const bundle of bundles) {
    for (const architecture of ARCHITECTURES) {
      const { download } = bundle;
      if (download === undefined || download.checksums[architecture]) continue;
      const url = fillIn(download.url, bundle, architecture);
      onUrl(url);
      const sha256 = await digestOfUrl(url, signal);
      proposals.push({ bundle: bundle.name, version: bundle.version, architecture, url, sha256 });
    }
  }
  return proposals;
}

async function digestOfUrl(url: string, signal?: AbortSignal): Promise<string> {
  const failed = (why: string, cause?: unknown) =>
    new FiredrillError('toolchain.download-failed', `${url} ${why}`, { cause });
  try {
    const response = await fetch(url, {
      headers: { 'accept-encoding': 'identity' },
      ...(signal ? { signal } : {}),
    });
    if (!response.ok || !response.body) throw failed(`answered ${response.status}`);
    const hash = createHash('sha256');
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) hash.update(chunk);
    return hash.digest('hex');
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof FiredrillError ? error : failed('could not be read', error);
  }
}
