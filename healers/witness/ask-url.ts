import http from 'node:http';
import https from 'node:https';
import type { UrlAnswer } from './vigil.ts';

/** Asks over a connection of its own. Any HTTP answer counts, whatever its status; whose certificate it is does not matter. */
export async function askUrl(url: string, signal: AbortSignal): Promise<UrlAnswer> {
  const get = url.startsWith('https:') ? https.get : http.get;
  return await new Promise<UrlAnswer>((resolve) => {
    const request = get(url, { agent: false, rejectUnauthorized: false, signal }, (response) => {
      resolve('answered');
      response.on('error', () => undefined);
      response.destroy();
    });
    request.on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'ECONNREFUSED' ? 'refused' : 'silent'),
    );
  });
}

/** Resolves when the event loop has read what had come before it was called. */
export async function socketsRead(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
