import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { KubeTarget } from '../target.ts';

interface KubeconfigNames {
  /** The name of the context, its cluster and its user. */
  readonly name: string;
  readonly namespace?: string;
}

/** Writes a kubeconfig with one context for a test, and the folder that it lies in. */
export async function writeKubeconfig(
  path: string,
  target: KubeTarget,
  names: KubeconfigNames,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, formatKubeconfig(target, names), { mode: 0o600 });
}

/** The text of a kubeconfig with one context; JSON is YAML. A token is written as it is at this moment. */
export function formatKubeconfig(target: KubeTarget, { name, namespace }: KubeconfigNames): string {
  const base64 = (text = ''): string | undefined =>
    text === '' ? undefined : Buffer.from(text).toString('base64');
  const cluster = {
    server: target.server,
    'certificate-authority-data': base64(target.caPem),
    'tls-server-name': target.serverName,
    'insecure-skip-tls-verify': target.skipTlsVerify,
  };
  const user = {
    'client-certificate-data': base64(target.certPem),
    'client-key-data': base64(target.keyPem),
    token: target.token?.(),
  };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name, namespace } }],
    'current-context': name,
  });
}
