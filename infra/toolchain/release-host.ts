import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { FiredrillError } from '../../harness/core/errors.ts';
import { httpProxyFor, isHttpAddress, throughProxy } from '../http/http-proxy.ts';

interface Question {
  readonly method?: 'GET' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  /** Proxies are taken from here: HTTP_PROXY, HTTPS_PROXY, NO_PROXY. */
  readonly environment: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

const REDIRECTS_MAX = 5;

/**
 * Asks a release host and follows where it sends us.
 *
 * @returns The answer, whatever its status; its body has to be read or destroyed
 * @throws FiredrillError `toolchain.download-failed` for redirects that end nowhere or leave TLS; the errors of Node's http
 */
export async function askFollowing(url: string, question: Question): Promise<IncomingMessage> {
  let target = new URL(url);
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects++) {
    const answer = await ask(target, question);
    const { location } = answer.headers;
    if (location === undefined || ![301, 302, 303, 307, 308].includes(answer.statusCode ?? 0)) return answer;
    answer.destroy();
    const next = URL.canParse(location, target.href) ? new URL(location, target) : undefined;
    const why = whyNotFollowed(target, next);
    if (next === undefined || why !== undefined)
      throw failed(
        `${withoutSecrets(url)} sends us to ${next === undefined ? JSON.stringify(location) : withoutSecrets(next.href)}, ${why}`,
      );
    target = next;
  }
  throw failed(`${withoutSecrets(url)} sends us on more than ${REDIRECTS_MAX} times`);
}

function whyNotFollowed(from: URL, to: URL | undefined): string | undefined {
  if (to === undefined) return 'which is no address';
  if (!/^https?:$/.test(to.protocol)) return 'which is neither http:// nor https://';
  return from.protocol === 'https:' && to.protocol !== 'https:' ? 'which is not encrypted' : undefined;
}

/** Asks once; a redirect is an answer. */
export async function ask(
  url: URL,
  { method = 'GET', headers = {}, environment, signal }: Question,
): Promise<IncomingMessage> {
  const proxy = httpProxyFor(url, environment);
  if (proxy !== undefined && !isHttpAddress(proxy))
    throw failed(
      `the proxy that is set for ${url.host} is no http:// or https:// address, or a % in its password is not written as %25`,
    );
  const module = url.protocol === 'https:' ? https : http;
  const asked = module.request(url, {
    method,
    headers: { 'user-agent': 'firedrill', ...headers },
    // Else NODE_TLS_REJECT_UNAUTHORIZED of the environment decides, and a list of checksums counts for what TLS has shown of its host.
    agent: new module.Agent({ ...throughProxy(proxy), rejectUnauthorized: true }),
    ...(signal ? { signal } : {}),
  });
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return answer;
}

/** An address for people and journals: user, password and query may be secrets. */
export function withoutSecrets(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

export function failed(message: string, cause?: unknown): FiredrillError {
  return new FiredrillError('toolchain.download-failed', message, {
    hint: 'FIREDRILL_TOOLCHAIN=build builds it instead; FIREDRILL_TOOLCHAIN_MIRRORS names another place.',
    cause,
  });
}
