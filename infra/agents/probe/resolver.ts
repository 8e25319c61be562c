import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { FiredrillError, messageOf } from '../../../harness/core/errors.ts';

/** Gives the address to connect to; rejects with `probe.no-address`. */
export type Resolve = (timeoutMs: number) => Promise<string>;

/** What the machine's own programs would get, search domains and hosts file included. */
export async function resolveOnce(host: string): Promise<string> {
  if (isIP(host) !== 0) return host;
  try {
    return (await lookup(host)).address;
  } catch (cause) {
    throw noAddress(host, cause);
  }
}

/**
 * Asks the DNS server anew each time. Not through the system's resolver: that one occupies a thread for ten seconds
 * when the server is silent, and four such calls would stop the whole agent. The name has to be fully qualified.
 * `servers` replaces those of resolv.conf.
 */
export function resolveEach(host: string, servers?: readonly string[]): Resolve {
  if (isIP(host) !== 0) return () => Promise.resolve(host);
  return async (timeoutMs) => {
    const resolver = new Resolver({ timeout: Math.max(1, Math.round(timeoutMs)), tries: 1 });
    if (servers !== undefined) resolver.setServers(servers);
    using _expiry = setTimeout(() => resolver.cancel(), timeoutMs);
    try {
      const [address] = await resolver.resolve4(host);
      if (address === undefined) throw new Error('the answer holds no address');
      return address;
    } catch (cause) {
      throw noAddress(host, cause);
    }
  };
}

function noAddress(host: string, cause: unknown): FiredrillError {
  return new FiredrillError('probe.no-address', `no address for ${host}: ${messageOf(cause)}`, {
    cause,
    hint: 'check the name and the DNS server of the place where the probe runs',
  });
}
