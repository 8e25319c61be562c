import { existsSync } from 'node:fs';
import { delimiter } from 'node:path';
import { FiredrillError } from '../../../harness/core/errors.ts';
import { shellWord } from '../../../harness/core/shell-word.ts';
import { patient } from '../../../harness/core/patience.ts';
import { KubeClient } from '../../kube/client.ts';
import { createProgressLines } from '../../toolchain/lines.ts';
import { loadKubeconfig } from '../../kubeconfig/kubeconfig.ts';
import { fileWords, wordsOf, type ExistingSettings } from './settings.ts';
import { explained } from './unreached.ts';

/** A cluster that answers, and which one it is. */
export interface ReachedCluster {
  readonly kube: KubeClient;
  readonly context: string;
  /** The options that name the context, to be typed again. */
  readonly words: string;
  /** UID of the kube-system namespace. */
  readonly uid: string;
  readonly kubernetesVersion: string;
}

interface ReachOptions {
  readonly signal?: AbortSignal | undefined;
  /** Is told how kubectl is had where it is not there yet. */
  readonly err?: (text: string) => void;
  /** How long a plug-in may take to have its user sign in. */
  readonly signInWithinMs?: number;
}

const ANSWER_WITHIN_MS = patient(5_000);
const SIGN_IN_WITHIN_MS = patient(180_000);

/**
 * Asks the API server of a context who it is, with nothing but the kubeconfig.
 * @throws FiredrillError `existing.no-context`, `kube.bad-kubeconfig`, `existing.unreachable`, `existing.untrusted`,
 * `existing.credentials-refused`, `existing.not-allowed`; the signal's reason
 */
export async function reach(settings: ExistingSettings, options: ReachOptions = {}): Promise<ReachedCluster> {
  const { context, kubeconfig, isOneFile, env } = settings;
  if (context === undefined) throw noContext(settings);
  const { signal, err, signInWithinMs = SIGN_IN_WITHIN_MS } = options;
  const onProgress = err && createProgressLines(err);
  const target = await loadKubeconfig({ context, path: kubeconfig, isOneFile, env, signal, onProgress });
  const kube = new KubeClient(target);
  const timeoutMs = target.socketPath === undefined ? ANSWER_WITHIN_MS : signInWithinMs;
  const words = wordsOf(settings);
  try {
    const [system, version] = await Promise.all([
      kube.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' } as const, { timeoutMs, signal }),
      kube.request<{ readonly gitVersion?: string }>({ method: 'GET', path: '/version', timeoutMs, signal }),
    ]);
    const uid = system.metadata?.uid;
    // JSON is said by others, too.
    if (uid === undefined || version.gitVersion === undefined)
      throw new FiredrillError(
        'existing.unreachable',
        `context ${context}: what answers at ${target.server} is no API server: it says neither which cluster nor which version it is`,
        { hint: `kubectl ${words} get --raw /version` },
      );
    return {
      kube,
      context,
      words,
      uid,
      kubernetesVersion: version.gitVersion,
    };
  } catch (error) {
    kube.close();
    throw explained(error, { context, words, target, timeoutMs });
  }
}

/** The current context of a kubeconfig changes behind one's back: what is broken has to be named. */
export function noContext({ kubeconfig, env }: ExistingSettings): FiredrillError {
  const missing = kubeconfig.split(delimiter).every((path) => !existsSync(path));
  return new FiredrillError('existing.no-context', 'no context says which cluster is meant', {
    hint: `--context NAME or FIREDRILL_CONTEXT; ${['kubectl', ...fileWords(env)].map(shellWord).join(' ')} config get-contexts lists those of ${kubeconfig}${missing ? ', which is not there' : ''}`,
  });
}
