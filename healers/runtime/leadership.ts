import { messageOf } from '../../harness/core/errors.ts';
import type { KubeClient } from '../../infra/kube/client.ts';
import { LeaderElector, type Term } from '../../infra/kube/lease.ts';
import type { Audit } from './audit-file.ts';
import { permissions } from './permission.ts';

export const LEADER_LEASE = 'firedrill-healer';

const LEASES = { scope: 'own', group: 'coordination.k8s.io', resource: 'leases' } as const;
export const LEADERSHIP_PERMISSIONS = [
  ...permissions(LEASES, { create: 'leader election' }),
  ...permissions({ ...LEASES, names: [LEADER_LEASE] }, { get: 'leader election', update: 'leader election' }),
];

interface LeadershipOptions {
  /** A client of its own: a renewal must not queue behind other requests. */
  readonly kube: KubeClient;
  readonly namespace: string;
  readonly pod: string;
  readonly podUid: string;
  readonly audit: Audit;
}

/** Whether this replica may act, and whom to tell when that changes. */
export class Leadership {
  readonly #elector: LeaderElector;
  readonly #listeners: ((term: Term) => void)[] = [];
  #problem = '';

  constructor({ kube, namespace, pod, podUid, audit }: LeadershipOptions) {
    const record = (event: 'leader' | 'refused', detail: string): void => {
      audit.record({
        event,
        subject: 'healer',
        detail,
        ...(event === 'refused' ? { rule: 'election' } : {}),
      });
    };
    this.#elector = new LeaderElector(kube, {
      namespace,
      name: LEADER_LEASE,
      identity: `${pod}_${podUid}`,
      onStartedLeading: (term) => {
        this.#problem = '';
        record('leader', `${pod} leads, term ${term.transitions}`);
        for (const listener of this.#listeners) listener(term);
      },
      onStoppedLeading: (reason) => record('leader', `${pod} no longer leads: ${reason}`),
      onProblem: (error) => {
        const problem = messageOf(error);
        if (problem !== this.#problem) record('refused', `the leader lease: ${problem}`);
        this.#problem = problem;
      },
    });
  }

  /** Called at the beginning of each term of ours. */
  onTerm(listener: (term: Term) => void): void {
    this.#listeners.push(listener);
  }

  /** Whether our leadership is proven at this moment; ask before every call that changes something. */
  stillLeading(): boolean {
    return this.#elector.stillLeading();
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#elector.run(signal);
  }
}
