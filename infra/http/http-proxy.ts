import type { AgentOptions } from 'node:http';
import { BlockList, isIP } from 'node:net';

const LOOPBACK = blockOf(['127.0.0.0/8', '::1/128']);

/**
 * The HTTP proxy on the way to a server, by the variables that kubectl reads and by its rules: nothing on loopback has one, NO_PROXY
 * has names with all that is below them, addresses, blocks of addresses, each of the names with or without a port, or `*`.
 *
 * @returns its URL; undefined where the way is direct
 */
export function httpProxyFor(server: URL, env: NodeJS.ProcessEnv): string | undefined {
  const read = (name: string): string => env[name] || env[name.toLowerCase()] || '';
  const proxy = read(server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  const port = server.port || (server.protocol === 'https:' ? '443' : '80');
  const host = server.hostname.replace(/^\[|\]$/g, '');
  if (proxy === '' || host === 'localhost' || isIn(LOOPBACK, host)) return undefined;
  const exceptions = read('NO_PROXY').toLowerCase().split(',');
  if (exceptions.some((exception) => isExcepted(host, port, exception.trim()))) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

/** What an agent of Node's is told to take this way, and no other. */
export function throughProxy(proxy: string | undefined): AgentOptions {
  return proxy === undefined ? {} : { proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } };
}

/**
 * Whether Node understands an address of a server or a proxy: it passes over a proxy of another scheme without a word, and breaks at
 * a user or a password in which a % stands for itself.
 */
export function isHttpAddress(address: string): boolean {
  try {
    const { username, password } = new URL(address);
    decodeURIComponent(username + password);
    return /^https?:\/\//.test(address);
  } catch {
    // Both throw at nothing else.
    return false;
  }
}

function isExcepted(host: string, port: string, exception: string): boolean {
  if (exception === '' || exception === '*') return exception === '*';
  if (exception.includes('/')) return isIn(blockOf([exception]), host);
  const [, name = '', onlyPort = port] = isIP(exception)
    ? ['', exception]
    : (/^(.*?)(?::(\d+))?$/.exec(exception) ?? []);
  const isWhole = host === name.replace(/^\[|\]$/g, '');
  return onlyPort === port && (isWhole || host.endsWith(name.replace(/^(\*?\.)?/, '.')));
}

function blockOf(ranges: readonly string[]): BlockList {
  const block = new BlockList();
  for (const range of ranges) {
    const [network = '', bits = ''] = range.split('/');
    const family = isIP(network);
    if (family !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
      block.addSubnet(network, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  }
  return block;
}

function isIn(block: BlockList, host: string): boolean {
  const family = isIP(host);
  return family !== 0 && block.check(host, family === 4 ? 'ipv4' : 'ipv6');
}
