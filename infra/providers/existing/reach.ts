import { formatDuration } from '../../../harness/core/duration.ts';
import type { ErrorCode } from '../../../harness/core/error-codes.ts';
import { FiredrillError, messageOf } from '../../../harness/core/errors.ts';
import { shellWord } from '../../../harness/core/shell-word.ts';
import { patient } from '../../../harness/core/patience.ts';
import { KubeClient } from '../../kube/client.ts';
import { isAnonymous, isKubeError, isUnreachable } from '../../kube/errors.ts';
import type { KubeTarget } from '../../kube/target.ts';
import { createProgressLines } from '../../toolchain/lines.ts';
import { loadKubeconfig } from '../../kubeconfig/kubeconfig.ts';
import { fileWords, wordsOf, type ExistingSettings } from './settings.ts';

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
  const { context, kubeconfig, env } = settings;
  if (context === undefined) throw noContext(settings);
  const { signal, err, signInWithinMs = SIGN_IN_WITHIN_MS } = options;
  const onProgress = err && createProgressLines(err);
  const target = await loadKubeconfig({ context, path: kubeconfig, env, signal, onProgress });
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
  return new FiredrillError('existing.no-context', 'no context says which cluster is meant', {
    hint: `--context NAME or FIREDRILL_CONTEXT; ${['kubectl', ...fileWords(env)].map(shellWord).join(' ')} config get-contexts lists those of ${kubeconfig}`,
  });
}

interface Attempt {
  readonly context: string;
  readonly words: string;
  readonly target: KubeTarget;
  readonly timeoutMs: number;
}

function explained(error: unknown, { context, words, target, timeoutMs }: Attempt): unknown {
  if (!isKubeError(error)) return error;
  const { server, socketPath } = target;
  const failed = (code: ErrorCode, why: string, hint: string): FiredrillError =>
    new FiredrillError(code, `context ${context}: ${why}`, { cause: error, hint });
  const said = messageOf(error);
  if (isAnonymous(error) || error.status === 401)
    return failed(
      'existing.credentials-refused',
      isAnonymous(error)
        ? `to the API server ${server} we are nobody: it knows nothing of our credentials`
        : `the API server ${server} refuses our credentials: they are wrong or have expired`,
      'log in to the cluster again, or renew the kubeconfig',
    );
  if (error.status === 403)
    return failed(
      'existing.not-allowed',
      `its user may not even see which cluster this is: ${said}`,
      'grant this user get on the namespace kube-system, then ask again: every right that is missing is listed then',
    );
  if (!isUnreachable(error)) return error;
  const again = `kubectl ${words} get --raw /readyz`;
  if (error.code === 'kube.foreign-answer')
    return failed('existing.unreachable', `what answers at ${server} is no API server: ${said}`, again);
  if (said.includes('getting credentials'))
    return failed('existing.credentials-refused', `there are no credentials: ${said}`, again);
  if (/certificate/i.test(said))
    return failed(
      'existing.untrusted',
      `the API server ${server} answers, and its certificate and the kubeconfig do not fit: ${said}`,
      'the certificate authority of the kubeconfig has to be that of this cluster: get a new one from whoever runs it',
    );
  const isSilentPlugin = error.code === 'kube.timeout' && socketPath !== undefined;
  const who = isSilentPlugin ? 'its plug-in of credentials, or ' : '';
  const why = `${who}the API server ${server} does not answer${isSilentPlugin ? ` within ${formatDuration(timeoutMs)}` : ''}`;
  return failed('existing.unreachable', `${why}: ${said}`, again);
}
