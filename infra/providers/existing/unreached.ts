import { formatDuration } from '../../../harness/core/duration.ts';
import type { ErrorCode } from '../../../harness/core/error-codes.ts';
import { FiredrillError, messageOf } from '../../../harness/core/errors.ts';
import { isAnonymous, isKubeError, isUnreachable } from '../../kube/errors.ts';
import type { KubeTarget } from '../../kube/target.ts';

const LOG_IN = 'log in to the cluster again, or renew the kubeconfig';
/** What TLS says, in the words of Node and of kubectl, what it means, and what helps; the first that fits counts. */
const TLS_FAILURES: readonly (readonly [words: RegExp, code: ErrorCode, why: string, hint: string])[] = [
  [/alert number \d|remote error: tls/i, 'existing.credentials-refused', 'refuses our certificate', LOG_IN],
  [
    /has expired|not yet valid/i,
    'existing.untrusted',
    'its certificate is out of date',
    'is the clock of this machine right? Else whoever runs the cluster has to renew the certificate of its API server',
  ],
  [
    /altnames|is(?: not)? valid for|any IP SANs/i,
    'existing.untrusted',
    'its certificate is for another name',
    'reach the server by a name of its certificate, or say one of them as tls-server-name in the kubeconfig',
  ],
  [
    /certificate/i,
    'existing.untrusted',
    'its certificate and the kubeconfig do not fit',
    'the certificate authority of the kubeconfig has to be that of this cluster: get a new one from whoever runs it',
  ],
];

interface Attempt {
  readonly context: string;
  readonly words: string;
  readonly target: KubeTarget;
  readonly timeoutMs: number;
}

/** The error of a first question, in the words of whoever has named the context, with the next step; what needs no words is handed back. */
export function explained(error: unknown, { context, words, target, timeoutMs }: Attempt): unknown {
  if (!isKubeError(error)) return error;
  const { server, socketPath } = target;
  const said = messageOf(error);
  // What is told already is not told again as the reason for itself.
  const failed = (code: ErrorCode, why: string, hint: string): FiredrillError =>
    new FiredrillError(code, `context ${context}: ${why}`, {
      cause: why.includes(said) ? error.cause : error,
      hint,
    });
  if (isAnonymous(error) || error.status === 401)
    return failed(
      'existing.credentials-refused',
      isAnonymous(error)
        ? `to the API server ${server} we are nobody: it knows nothing of our credentials`
        : `the API server ${server} refuses our credentials: they are wrong or have expired`,
      LOG_IN,
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
  const tls = TLS_FAILURES.find(([words]) => words.test(said));
  if (tls !== undefined)
    return failed(tls[1], `the API server ${server} answers, and ${tls[2]}: ${said}`, tls[3]);
  const isSilentPlugin = error.code === 'kube.timeout' && socketPath !== undefined;
  const who = isSilentPlugin ? 'its plug-in of credentials, or ' : '';
  const why = `${who}the API server ${server} does not answer${isSilentPlugin ? ` within ${formatDuration(timeoutMs)}` : ''}`;
  return failed('existing.unreachable', `${why}: ${said}`, again);
}
