import { networkInterfaces } from 'node:os';

/** Whether a server answers at an address of this machine: it may run here, or be forwarded to. */
export function isOnThisMachine(server: string, interfaces = networkInterfaces()): boolean {
  const host = new URL(server).hostname.replace(/^\[|\]$/g, '');
  const own = Object.values(interfaces).flatMap((found) => found ?? []);
  return host === 'localhost' || host.startsWith('127.') || own.some(({ address }) => address === host);
}
