import { KubeError } from '../../../infra/kube/errors.ts';
import { ConflictError } from '../../cluster/call.ts';
import type { RequestFailure, SimLine } from './sim-line.ts';
import type { SimCluster } from './sim-cluster.ts';
import type { SimReferee } from './sim-referee.ts';

const TIMEOUT_MS = 2000;

/** What one healer sends to one server, each request with its two ways. */
export class Connection {
  readonly cluster: SimCluster;
  readonly line: SimLine;
  readonly referee: SimReferee;

  constructor(cluster: SimCluster, line: SimLine, referee: SimReferee) {
    this.cluster = cluster;
    this.line = line;
    this.referee = referee;
  }

  async request<T>(
    request: {
      readonly what: string;
      readonly change: boolean;
      readonly failure?: RequestFailure | undefined;
    },
    cut: () => boolean,
    carryOut: () => T,
  ): Promise<T> {
    const { cluster, line, referee } = this;
    const { clock, random } = cluster;
    const { what, change, failure } = request;
    referee.calls.sent(line, what, change);
    if (change) line.crashPoint();
    line.signal.throwIfAborted();
    await clock.sleep(random.between(1, 15));
    if (cut() || failure === 'before') {
      await clock.sleep(failure === 'before' ? 5 : TIMEOUT_MS);
      throw new Error('no answer');
    }
    if (failure !== undefined && failure !== 'after') throwAnswer(failure, change);
    const result = carryOut();
    await clock.sleep(random.between(1, 15));
    if (change) line.crashPoint();
    line.signal.throwIfAborted();
    if (cut() || failure === 'after') throw new Error('no answer, although it was carried out');
    return result;
  }

  /** Nobody answers until the caller gives up. */
  async hang(forMs = TIMEOUT_MS): Promise<never> {
    await this.cluster.clock.sleep(forMs, this.line.signal);
    throw new Error(`no answer within ${forMs} ms`);
  }
}

function throwAnswer(failure: Exclude<RequestFailure, 'before' | 'after'>, change: boolean): void {
  if (failure === 'throttled') {
    const message = 'the server has received too many requests';
    throw new KubeError('kube.too-many-requests', message, { status: 429, reason: '', retryAfterMs: 1000 });
  }
  if (failure === 'server-error')
    throw new KubeError('kube.http-500', 'etcdserver: leader changed', { status: 500, reason: '' });
  // Only what changes something is asked for its precondition, or by an admission.
  if (!change) return;
  if (failure === 'conflict') throw new ConflictError('the object changed in between');
  throw denied('a policy');
}

/** What an admission answers that does not allow a change. */
export function denied(by: string): KubeError {
  return new KubeError('kube.forbidden', `${by} denied the request`, { status: 403, reason: 'Forbidden' });
}
