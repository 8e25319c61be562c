import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { delimiter, dirname } from 'node:path';
import { performance } from 'node:perf_hooks';
import type * as generated from '@kubernetes/client-node';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import { isMissing } from '../../harness/core/file-errors.ts';
import { given } from '../../harness/core/given.ts';
import type { KubeTarget } from './target.ts';

interface LoadedKubeconfig extends KubeTarget {
  readonly context: string;
}

/**
 * The target of a context in a kubeconfig: the file at `path`, or several as in $KUBECONFIG, which are merged as kubectl does;
 * `context`, else the current one. Exec plug-ins and OIDC are asked for a token as it is needed.
 * Reading a kubeconfig loads the full Kubernetes client, so it is for existing clusters and never for what runs in a pod.
 */
export async function loadKubeconfig(options: {
  readonly path: string;
  readonly context?: string;
}): Promise<LoadedKubeconfig> {
  const source = options.path;
  const config = await readMerged(source);
  const contextName = options.context ?? config.getCurrentContext();
  const names = config.getContexts().map(({ name }) => name);
  if (!names.includes(contextName)) {
    throw badKubeconfig(`${source} has no context "${contextName}", only: ${names.join(', ') || 'none'}`);
  }
  config.setCurrentContext(contextName);
  const cluster = config.getCurrentCluster();
  const user = config.getCurrentUser();
  if (cluster === null)
    throw badKubeconfig(`${source}: context "${contextName}" names a cluster that is not there`);
  for (const [key, value] of [
    ['proxy-url', cluster.proxyUrl],
    ['as', user?.impersonateUser],
    ['username', user?.username],
  ]) {
    if (value !== undefined) throw badKubeconfig(`${source}: "${key}" is not supported here`);
  }
  const asked = await proofOf(config, source);
  return {
    context: contextName,
    server: cluster.server,
    ...given({
      caPem: asked.caPem,
      certPem: asked.certPem,
      keyPem: asked.keyPem,
      serverName: cluster.tlsServerName,
    }),
    ...(cluster.skipTLSVerify ? { skipTlsVerify: true } : {}),
    ...tokenOf(config, source, asked.token, user?.exec !== undefined || user?.authProvider !== undefined),
  };
}

/**
 * One configuration of a list of files, by kubectl's rules: a file that is not there is left out unless all are, and of two contexts,
 * clusters or users of one name, and of two current contexts, the first counts, whole.
 */
async function readMerged(source: string): Promise<generated.KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const found: generated.KubeConfig[] = [];
  let missing: unknown;
  for (const path of source.split(delimiter).filter((entry) => entry !== '')) {
    try {
      const config = new KubeConfig();
      const text = await readFile(path, 'utf8');
      // A file without content is a configuration without entries, which the client cannot read.
      config.loadFromString(text.replace(/^\s*#.*$/gm, '').trim() === '' ? '{}' : text);
      config.makePathsAbsolute(dirname(path));
      found.push(config);
    } catch (error) {
      if (!isMissing(error)) throw badKubeconfig(`${path}: ${messageOf(error)}`, error);
      missing ??= error;
    }
  }
  if (found.length === 0)
    throw badKubeconfig(
      missing === undefined ? `${source} names no file` : `${source}: ${messageOf(missing)}`,
      missing,
    );
  const merged = new KubeConfig();
  merged.loadFromOptions({
    clusters: firstOfName(found.flatMap((config) => config.getClusters())),
    contexts: firstOfName(found.flatMap((config) => config.getContexts())),
    users: firstOfName(found.flatMap((config) => config.getUsers())),
    currentContext: found.map((config) => config.getCurrentContext()).find(Boolean),
  });
  return merged;
}

function firstOfName<T extends { readonly name: string }>(entries: readonly T[]): T[] {
  return entries.filter(({ name }, index) => entries.findIndex((other) => other.name === name) === index);
}

interface Proof {
  readonly caPem: string | undefined;
  readonly certPem: string | undefined;
  readonly keyPem: string | undefined;
  readonly token: string | undefined;
}

/** Reads the files that the context names and asks its plug-in; the client keeps what it got until that runs out. */
async function proofOf(config: generated.KubeConfig, source: string): Promise<Proof> {
  const applied: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(applied);
  } catch (error) {
    throw badKubeconfig(`${source}: ${messageOf(error)}`, error);
  }
  const headers = applied.headers as Readonly<Record<string, string | undefined>> | undefined;
  return {
    caPem: text(applied.ca),
    certPem: text(applied.cert),
    keyPem: text(applied.key),
    token: headers?.['Authorization']?.replace(/^Bearer /, ''),
  };
}

/** How often at most a plug-in's token is looked at again. */
const TOKEN_CHECK_MS = 5000;

function tokenOf(
  config: generated.KubeConfig,
  source: string,
  first: string | undefined,
  changes: boolean,
): Pick<KubeTarget, 'token' | 'refresh'> {
  if (first === undefined) return {};
  let token = first;
  if (!changes) return { token: () => token };
  let checkedMonoMs = performance.now();
  const refresh = async (): Promise<void> => {
    if (performance.now() - checkedMonoMs < TOKEN_CHECK_MS) return;
    token = (await proofOf(config, source)).token ?? token;
    checkedMonoMs = performance.now();
  };
  return { token: () => token, refresh };
}

function text(value: unknown): string | undefined {
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  return typeof value === 'string' ? value : undefined;
}

function badKubeconfig(problem: string, cause?: unknown): FiredrillError {
  return new FiredrillError('kube.bad-kubeconfig', `kubeconfig: ${problem}`, { cause });
}
