import { failed, askFollowing, withoutSecrets } from './release-host.ts';

const ANSWER_LIMIT_MS = 15_000;
/** No list of checksums is larger. */
const LIST_BYTES_MAX = 1 << 20;

/**
 * The SHA-256 of a file in its publisher's list: a digest alone, or lines of digest and name as sha256sum writes them.
 *
 * @throws FiredrillError `toolchain.download-failed`
 */
export async function publishedChecksum(
  url: string,
  file: string,
  environment: NodeJS.ProcessEnv,
  signal?: AbortSignal,
  limitMs: number = ANSWER_LIMIT_MS,
): Promise<string> {
  const place = withoutSecrets(url);
  const list = await textAt(url, environment, limitMs, signal).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw failed(`${file} cannot be verified: ${place} could not be read`, error);
  });
  const found = checksumIn(list, file);
  if (found === undefined) throw failed(`${file} cannot be verified: ${place} has no SHA-256 of it`);
  return found;
}

export function checksumIn(list: string, file: string): string | undefined {
  for (const line of list.split('\n')) {
    const [, hex, name] = /^([0-9a-f]{64})(?:\s+\*?(?:\S*\/)?(\S+))?\s*$/i.exec(line) ?? [];
    if (hex !== undefined && (name === undefined || name === file)) return hex.toLowerCase();
  }
  return undefined;
}

async function textAt(
  url: string,
  environment: NodeJS.ProcessEnv,
  limitMs: number,
  signal?: AbortSignal,
): Promise<string> {
  const limit = AbortSignal.timeout(limitMs);
  const answer = await askFollowing(url, {
    environment,
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
  });
  if (answer.statusCode !== 200) {
    answer.destroy();
    throw new Error(`it answered ${answer.statusCode}`);
  }
  let text = '';
  for await (const chunk of answer.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk;
    if (text.length > LIST_BYTES_MAX) throw new Error('it is no list of checksums: it has more than 1 MiB');
  }
  return text;
}
