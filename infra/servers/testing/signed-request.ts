import { createHash, createHmac } from 'node:crypto';
import type { ObjectStore } from '../object-store.ts';

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** A request to an object store, signed as S3 wants it (AWS Signature Version 4, the body's digest included). */
export function signedRequest(
  store: ObjectStore,
  method: string,
  path: string,
  body = '',
  now: Date = new Date(),
): Promise<Response> {
  const url = new URL(path, store.endpoint);
  const stamp = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const day = stamp.slice(0, 8);
  const headers = { host: url.host, 'x-amz-content-sha256': sha256(body), 'x-amz-date': stamp };
  const names = Object.keys(headers).join(';');
  const listed = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const canonical = [method, url.pathname, '', listed.join(''), names, sha256(body)].join('\n');
  const scope = `${day}/${store.region}/s3/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', stamp, scope, sha256(canonical)].join('\n');
  const key = [day, store.region, 's3', 'aws4_request'].reduce<string | Buffer>(
    (made, part) => hmac(made, part),
    `AWS4${store.secretAccessKey}`,
  );
  const authorization = `AWS4-HMAC-SHA256 Credential=${store.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${hmac(key, toSign).toString('hex')}`;
  return fetch(url, {
    method,
    headers: { ...headers, authorization },
    ...(method === 'PUT' ? { body } : {}),
  });
}
