/** All that Kubernetes keeps in etcd: the keys from here up to the other. */
const FIRST = base64('/registry/');
const AFTER_LAST = base64('/registry0');

interface RangeAnswer {
  readonly header: { readonly revision: string };
  readonly kvs?: readonly { readonly key: string }[];
}

/** The number of the last write. */
export async function etcdRevision(url: string): Promise<number> {
  const { header } = await ask<RangeAnswer>(url, 'range', { key: FIRST });
  return Number(header.revision);
}

/** Removes every key that was created after a revision, behind the back of the API server, which hears of it by its watches. */
export async function removeCreatedAfter(url: string, revision: number): Promise<void> {
  const { kvs = [] } = await ask<RangeAnswer>(url, 'range', {
    key: FIRST,
    range_end: AFTER_LAST,
    min_create_revision: revision + 1,
    keys_only: true,
  });
  await Promise.all(kvs.map(({ key }) => ask(url, 'deleterange', { key })));
}

/** So much etcd takes in one transaction: 128 writes, and some 1.5 MB. */
const WRITES_AT_ONCE = 128;
const BYTES_AT_ONCE = 1_000_000;

/** Puts objects there behind the back of the API server, which hears of them by its watches; each key is what follows `/registry/`. */
export async function putObjects(url: string, objects: Iterable<readonly [string, object]>): Promise<void> {
  let success: object[] = [];
  let bytes = 0;
  for (const [key, object] of objects) {
    const value = base64(JSON.stringify(object));
    if (success.length === WRITES_AT_ONCE || bytes + value.length > BYTES_AT_ONCE) {
      await ask(url, 'txn', { success });
      [success, bytes] = [[], 0];
    }
    success.push({ requestPut: { key: base64(`/registry/${key}`), value } });
    bytes += value.length;
  }
  if (success.length > 0) await ask(url, 'txn', { success });
}

/** By the JSON face of etcd's own protocol. */
async function ask<T>(url: string, verb: 'range' | 'deleterange' | 'txn', body: object): Promise<T> {
  const answer = await fetch(`${url}/v3/kv/${verb}`, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`etcd: ${verb}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
