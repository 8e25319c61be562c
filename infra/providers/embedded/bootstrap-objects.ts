import { hash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FiredrillError } from '../../../harness/core/errors.ts';
import { exchangeJson, type Connect } from '../../http/http.ts';
import { userFolder } from '../../process/user-folders.ts';

/**
 * What an API server and a controller manager write into an empty etcd at their start, one object after the other. It is the same in each cluster
 * of a version: nothing of it is secret or says which cluster it is in, as the UID of a namespace does.
 */
const KINDS = [
  'apiregistration.k8s.io/apiservices',
  'clusterrolebindings',
  'clusterroles',
  'flowschemas',
  'priorityclasses',
  'prioritylevelconfigurations',
  'rolebindings',
  'roles',
  'serviceaccounts/kube-system',
];
const LOOK_EVERY_MS = 10;
const REQUEST_MS = 10_000;
/** Puts in one transaction, of which etcd takes 128 by default. */
const PUTS = 100;

/** Both in base64, as the JSON gateway of etcd has them. */
interface KeyValue {
  readonly key: string;
  readonly value: string;
}

/** Where those of an API server are kept, by the digest of its program. */
export function bootstrapObjectsOf(digest: string, env: NodeJS.ProcessEnv): string {
  const name = hash('sha256', digest).slice(0, 24);
  return join(userFolder('XDG_CACHE_HOME', env), 'bootstrap-objects', `${name}.json`);
}

/**
 * Waits until etcd answers, and gives it the bootstrap objects of an earlier cluster, if there are any.
 *
 * @param etcd Opens a connection to its client port
 * @throws FiredrillError `kube.wait-timeout`
 */
export async function restoreBootstrapObjects(
  etcd: Connect,
  file: string,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const kept = keptObjects(file);
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    try {
      await ask(etcd, 'range', { key: base64('/') }, signal);
      break;
    } catch (cause) {
      signal.throwIfAborted();
      // Nothing listens yet.
      if ((cause as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw cause;
      if (performance.now() > deadlineMs)
        throw new FiredrillError('kube.wait-timeout', `etcd did not answer within ${timeoutMs / 1000} s`, {
          cause,
        });
      await delay(LOOK_EVERY_MS, undefined, { signal });
    }
  }
  for (let at = 0; at < kept.length; at += PUTS) {
    const success = kept.slice(at, at + PUTS).map(({ key, value }) => ({ request_put: { key, value } }));
    await ask(etcd, 'txn', { success }, signal);
  }
}

/**
 * Keeps those of this etcd for the next cluster. To be called when the cluster has come up and nobody has been told of it yet.
 *
 * @param ours The field manager of our own objects, which are not kept
 */
export async function keepBootstrapObjects(
  etcd: Connect,
  file: string,
  ours: string,
  signal: AbortSignal,
): Promise<void> {
  if (keptObjects(file).length > 0) return;
  const success = KINDS.map((kind) => ({
    request_range: { key: base64(`/registry/${kind}/`), range_end: base64(`/registry/${kind}0`) },
  }));
  const { responses } = (await ask(etcd, 'txn', { success }, signal)) as {
    readonly responses: readonly { readonly response_range: { readonly kvs?: readonly KeyValue[] } }[];
  };
  const objects = responses
    .flatMap(({ response_range: { kvs = [] } }) => kvs.map(({ key, value }) => ({ key, value })))
    .filter(({ value }) => !Buffer.from(value, 'base64').includes(ours));
  mkdirSync(dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, JSON.stringify(objects));
  renameSync(unfinished, file);
}

/** None where there is no such file; one that is damaged is made anew. */
function keptObjects(file: string): readonly KeyValue[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as KeyValue[];
  } catch {
    return [];
  }
}

async function ask(
  etcd: Connect,
  what: 'range' | 'txn',
  json: object,
  signal: AbortSignal,
): Promise<unknown> {
  return await exchangeJson(etcd, {
    method: 'POST',
    path: `/v3/kv/${what}`,
    json,
    timeoutMs: REQUEST_MS,
    signal,
  });
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
