import type http from 'node:http';
import { isProof, PROOF_HEADER, proofOf } from '../runtime/peer-proof.ts';
import type { VigilQuestion, Vote } from './vigil.ts';

const MOST_URLS = 64;
const LONGEST_MS = 60_000;

/** A question as the path of a request, so that its proof covers all of it. The nonce makes each one another. */
export function viewPath({ node, at, others, forMs }: VigilQuestion, nonce: string): string {
  const query = new URLSearchParams({
    nonce,
    for: String(forMs),
    at: at.join(' '),
    others: others.join(' '),
  });
  return `/view/${node}?${query.toString()}`;
}

/** Undefined: it is no question. */
function readViewPath(url: URL): VigilQuestion | undefined {
  const node = /^\/view\/([a-z0-9.-]{1,253})$/.exec(url.pathname)?.[1];
  const forMs = Number(url.searchParams.get('for'));
  const at = urlsIn(url.searchParams.get('at'));
  const others = urlsIn(url.searchParams.get('others'));
  if (node === undefined || !(forMs > 0 && forMs <= LONGEST_MS)) return undefined;
  return at.length === 0 ? undefined : { node, at, others, forMs };
}

function urlsIn(text: string | null): readonly string[] {
  const words = (text ?? '').split(' ').filter((word) => /^https?:\/\//.test(word) && URL.canParse(word));
  return words.slice(0, MOST_URLS);
}

export type LookAt = (question: VigilQuestion, signal: AbortSignal) => Promise<Vote>;

/** Answers `GET /view/NODE?nonce=N&for=MS&at=URLS&others=URLS` for who proves to know the token; the answer proves it, too. */
export async function answerView(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  token: string,
  look: LookAt,
): Promise<void> {
  const path = request.url ?? '';
  const question = readViewPath(new URL(path, 'http://witness'));
  if (question === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
    return;
  }
  const shown = request.headers[PROOF_HEADER];
  if (typeof shown !== 'string' || !isProof(shown, token, [path])) {
    response.writeHead(401, { 'content-type': 'text/plain' }).end('only a healer is answered\n');
    return;
  }
  const gone = new AbortController();
  response.on('close', () => gone.abort(new Error('whoever asked is gone')));
  const vote = JSON.stringify(await look(question, gone.signal));
  const proof = proofOf(token, [path, vote]);
  response.writeHead(200, { 'content-type': 'application/json', [PROOF_HEADER]: proof }).end(vote);
}
