/** What is known of an HTTP/1.1 answer after its bytes so far. */
type AnswerState =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'complete'; readonly status: number; readonly body: string }
  | { readonly kind: 'malformed'; readonly reason: string };

/** More than any page that a probe should ask for. */
const ANSWER_LIMIT_BYTES = 256 * 1024;

const INCOMPLETE: AnswerState = { kind: 'incomplete' };

/**
 * Reads one whole answer from the bytes of a connection that was opened for it. `ended`: the server has closed, which
 * completes an answer that announced no length, and leaves every other one incomplete for ever.
 */
export function readAnswer(bytes: Buffer, ended: boolean): AnswerState {
  if (bytes.length > ANSWER_LIMIT_BYTES)
    return malformed(`answer is longer than ${ANSWER_LIMIT_BYTES} bytes`);
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) {
    const start = bytes.subarray(0, 5).toString('latin1');
    return 'HTTP/'.startsWith(start) ? INCOMPLETE : malformed(`answer starts with ${JSON.stringify(start)}`);
  }
  const [statusLine = '', ...headerLines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(statusLine)?.[1]);
  if (Number.isNaN(status)) return malformed(`status line is ${JSON.stringify(statusLine.slice(0, 80))}`);
  const rest = bytes.subarray(headEnd + 4);
  // An interim answer (100, 103) precedes the real one.
  if (status < 200) return readAnswer(rest, ended);
  if (status === 204 || status === 304) return { kind: 'complete', status, body: '' };

  const header = (name: string): string | undefined =>
    headerLines
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
  if (/\bchunked\b/i.test(header('transfer-encoding') ?? '')) return readChunks(rest, status);
  const lengthText = header('content-length');
  if (lengthText === undefined) {
    return ended ? { kind: 'complete', status, body: rest.toString('utf8') } : INCOMPLETE;
  }
  const length = Number(lengthText);
  if (!Number.isInteger(length) || length < 0)
    return malformed(`content-length is ${JSON.stringify(lengthText)}`);
  return rest.length < length
    ? INCOMPLETE
    : { kind: 'complete', status, body: rest.subarray(0, length).toString('utf8') };
}

function readChunks(bytes: Buffer, status: number): AnswerState {
  const parts: Buffer[] = [];
  for (let offset = 0; ;) {
    const lineEnd = bytes.indexOf('\r\n', offset);
    if (lineEnd < 0) return INCOMPLETE;
    const sizeText = bytes.subarray(offset, lineEnd).toString('latin1').split(';', 1)[0]?.trim() ?? '';
    if (!/^[0-9a-f]{1,8}$/i.test(sizeText))
      return malformed(`chunk size is ${JSON.stringify(sizeText.slice(0, 20))}`);
    const size = Number.parseInt(sizeText, 16);
    const start = lineEnd + 2;
    if (size === 0) {
      const trailer = bytes.subarray(start);
      const complete = trailer.indexOf('\r\n') === 0 || trailer.includes('\r\n\r\n');
      return complete
        ? { kind: 'complete', status, body: Buffer.concat(parts).toString('utf8') }
        : INCOMPLETE;
    }
    if (bytes.length < start + size + 2) return INCOMPLETE;
    parts.push(bytes.subarray(start, start + size));
    offset = start + size + 2;
  }
}

function malformed(reason: string): AnswerState {
  return { kind: 'malformed', reason };
}
