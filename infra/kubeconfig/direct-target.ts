import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { z } from 'zod';
import { given } from '../../harness/core/given.ts';
import { readTokenFile } from '../../harness/core/token-file.ts';
import { httpProxyFor, isHttpAddress } from '../http/http-proxy.ts';
import type { KubeTarget } from '../kube/target.ts';

const PEM = z.base64().transform((text) => Buffer.from(text, 'base64').toString('utf8'));
const CLUSTER = z.strictObject({
  server: z.url({ protocol: /^https?$/ }),
  'certificate-authority-data': PEM.optional(),
  'insecure-skip-tls-verify': z.literal(true).optional(),
  'tls-server-name': z.string().optional(),
  'proxy-url': z.string().optional(),
  'disable-compression': z.boolean().optional(),
  extensions: z.unknown().optional(),
});
const USER = z.strictObject({
  token: z
    .string()
    .regex(/^[!-~]+$/)
    .optional(),
  // kubectl alone knows which of several files a relative path belongs to.
  tokenFile: z.string().startsWith('/').optional(),
  'client-certificate-data': PEM.optional(),
  'client-key-data': PEM.optional(),
  extensions: z.unknown().optional(),
});

/**
 * The target of a context that our client reaches exactly as kubectl does; undefined where it says anything else than what our client knows, or what
 * kubectl would refuse: both are left to kubectl, and to its words.
 *
 * @throws FiredrillError `token.malformed`; the error of a file that cannot be read
 */
export function directTarget(
  told: { readonly cluster: object; readonly user: object },
  env: NodeJS.ProcessEnv,
): KubeTarget | undefined {
  const cluster = CLUSTER.safeParse(told.cluster).data;
  const user = USER.safeParse(told.user).data;
  if (cluster === undefined || user === undefined) return undefined;
  const { server, 'certificate-authority-data': caPem, 'insecure-skip-tls-verify': skipTlsVerify } = cluster;
  const { token, tokenFile, 'client-certificate-data': certPem, 'client-key-data': keyPem } = user;
  const proxy = cluster['proxy-url'] ?? httpProxyFor(new URL(server), env);
  if (proxy !== undefined && !(proxy.startsWith('http://') && isHttpAddress(proxy))) return undefined;
  // Without TLS kubectl shows no credentials to anybody.
  if (!server.startsWith('https:')) return { server, ...given({ proxy }) };
  // With neither, the authorities of this machine are trusted: kubectl knows where they are.
  if ((caPem === undefined) !== (skipTlsVerify ?? false)) return undefined;
  if (token !== undefined && tokenFile !== undefined) return undefined;
  if (!isUsable(caPem, certPem, keyPem)) return undefined;
  if (tokenFile !== undefined) readTokenFile(tokenFile);
  return {
    server,
    ...given({ caPem, certPem, keyPem, skipTlsVerify, proxy, serverName: cluster['tls-server-name'] }),
    ...(token === undefined ? {} : { token: () => token }),
    ...(tokenFile === undefined ? {} : { token: () => readTokenFile(tokenFile) }),
  };
}

/** Whether TLS can be spoken with them at all. */
function isUsable(ca: string | undefined, cert: string | undefined, key: string | undefined): boolean {
  if ((cert === undefined) !== (key === undefined)) return false;
  try {
    // A context of TLS takes any text for an authority.
    if (ca !== undefined) new X509Certificate(ca);
    createSecureContext({ cert, key });
    return true;
  } catch {
    // kubectl refuses it as well, and says why.
    return false;
  }
}
