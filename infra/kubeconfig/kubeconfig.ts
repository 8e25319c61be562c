import { statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { z } from 'zod';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import type { KubeTarget } from '../kube/target.ts';
import { execute } from '../process/run.ts';
import { openToolchain, type OnProgress } from '../toolchain/index.ts';
import { directTarget } from './direct-target.ts';
import { throughKubectl, type KubectlContext } from './kubectl-proxy.ts';

interface LoadedKubeconfig extends KubeTarget {
  readonly context: string;
}

interface KubeconfigOptions {
  /** A file, or several as in KUBECONFIG. */
  readonly path: string;
  /** It is one file, also with a colon in its name, as kubectl has it with --kubeconfig. */
  readonly isOneFile?: boolean | undefined;
  /** Absent: the current one. */
  readonly context?: string;
  /** What kubectl and the plug-ins of credentials inherit. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  /** Hears how kubectl is had where it is not there yet. */
  readonly onProgress?: OnProgress | undefined;
}

/** What kubectl finds of one context: whatever is empty is left out, and certificates stand in it. */
const VIEW = z.object({
  'current-context': z.string(),
  contexts: z.tuple([z.object({ context: z.object({ user: z.string().default('') }) })]),
  clusters: z.array(z.object({ cluster: z.looseObject({ server: z.string().default('') }) })).nullish(),
  users: z.array(z.object({ user: z.looseObject({}) })).nullish(),
});

/** Any of these can prove who we are; without all of them kubectl asks for a name. */
const PROOFS = ['token', 'tokenFile', 'client-certificate-data', 'username', 'exec', 'auth-provider'];

/**
 * The target of a context as kubectl understands it, by kubectl itself: it reads the files, and what our client does not send exactly as kubectl
 * goes through `kubectl proxy`, as do plug-ins, OIDC, impersonation and whatever comes after them.
 *
 * @throws FiredrillError `kube.bad-kubeconfig`; those of `toolchain.`; the signal's reason
 */
export async function loadKubeconfig(options: KubeconfigOptions): Promise<LoadedKubeconfig> {
  const { path, context, signal } = options;
  const ofFile = options.isOneFile === true ? [`--kubeconfig=${path}`] : [];
  requireFile(path, ofFile.length > 0 ? [path] : path.split(delimiter));
  const env = { ...options.env, KUBECONFIG: path };
  const words = [...ofFile, ...(context === undefined ? [] : [`--context=${context}`])];
  // The pinned one, not the user's own: that may be of any age, and some ask the cluster of which version they should be.
  const tools = await openToolchain(env).ensure(['kubectl'], { signal, onProgress: options.onProgress });
  const kubectl = { kubectl: tools.kubectl.path, words, env };
  const text = await viewOf(kubectl, ofFile, options);
  const view = VIEW.parse(JSON.parse(text));
  const name = view['current-context'];
  const told = view.clusters?.[0]?.cluster;
  if (told === undefined || told.server === '')
    throw badKubeconfig(`${path}: context "${name}" has no server`);
  // Where no scheme is named, kubectl speaks without TLS; in capitals it is the same one.
  const server = /^https?:\/\//i.test(told.server)
    ? told.server.replace(/^\w+/, (scheme) => scheme.toLowerCase())
    : `http://${told.server}`;
  const user = view.users?.[0]?.user ?? {};
  if (server.startsWith('https:') && !PROOFS.some((proof) => proof in user))
    throw badKubeconfig(
      `${path}: the user "${view.contexts[0].context.user}" of context "${name}" has no credentials`,
    );
  try {
    const direct = directTarget({ cluster: { ...told, server }, user }, env);
    return { context: name, ...(direct ?? throughKubectl(kubectl, server, text)) };
  } catch (error) {
    throw badKubeconfig(`${path}: ${messageOf(error)}`, error);
  }
}

/** All that the files say of the context, as JSON. */
async function viewOf(
  { kubectl, words, env }: KubectlContext,
  ofFile: readonly string[],
  options: KubeconfigOptions,
): Promise<string> {
  const { path, context, signal } = options;
  const config = async (...args: readonly string[]) =>
    await execute(kubectl, ['config', ...args], { env, signal, group: true });
  const view = ['view', '--raw', '--minify', '--flatten', '--output=json'];
  const { code, output, errors } = await config(...view, ...words);
  if (code === 0) return output;
  if (!/cannot locate context|current-context must exist/.test(errors))
    throw badKubeconfig(`${path}: ${errors.trim().replace(/^error: /, '')}`);
  const { output: names } = await config('get-contexts', '--output=name', ...ofFile);
  const which = context === undefined ? 'current context' : `context "${context}"`;
  throw badKubeconfig(`${path} has no ${which}, only: ${names.trim().split('\n').join(', ') || 'none'}`);
}

/** To kubectl a file that is not there is an empty one; where there is none at all, that is what has to be told. */
function requireFile(source: string, files: readonly string[]): void {
  const paths = files.filter((path) => path !== '');
  const [first] = paths;
  if (first === undefined) throw badKubeconfig(`${source} names no file`);
  if (paths.some((path) => statSync(path, { throwIfNoEntry: false }) !== undefined)) return;
  try {
    statSync(resolve(first));
  } catch (error) {
    throw badKubeconfig(
      `${source}: ${messageOf(error)}`,
      error,
      '--kubeconfig FILE or KUBECONFIG names one that is there',
    );
  }
}

function badKubeconfig(problem: string, cause?: unknown, hint?: string): FiredrillError {
  return new FiredrillError('kube.bad-kubeconfig', `kubeconfig: ${problem}`, { cause, hint });
}
