import { readFileSync } from 'node:fs';
import type { Cluster } from '../../infra/cluster.ts';
import { permissionOf } from '../../infra/borrowed/permission.ts';
import { requireUseLeft } from '../../infra/borrowed/approvals.ts';
import { whoAmI } from '../../infra/borrowed/rights.ts';
import { KubeClient } from '../../infra/kube/client.ts';
import { FiredrillError, messageOf } from '../core/errors.ts';
import { COMMANDS } from '../core/installation.ts';
import type { Permit } from '../core/owner/permit.ts';
import type { DrillPolicy } from '../core/owner/policy.ts';
import type { StopReading } from '../core/owner/stop-condition.ts';
import { policyRefusals, spendableApproval, stopRefusals } from '../faults/guards/policy-guards.ts';
import { ownersPrometheus } from '../stage/owners-prometheus.ts';
import { readStopConditions } from '../observe/stop-conditions.ts';
import type { Plan } from '../core/owner/approval.ts';
import type { AllowedTargets } from '../core/owner/permission.ts';
import { given } from '../core/given.ts';

/** What the policy of an owner is asked about. */
export interface PolicyQuestion {
  /** What would be done on a cluster with these limits; absent: nobody can say so before. */
  readonly plan?: (seed: number, allowed: AllowedTargets | undefined) => Promise<Plan>;
  /** The words of the command line from which somebody else makes the same plan. */
  readonly words?: (seed: number) => string;
  /** Path of what a second person has signed. */
  readonly approvalFile?: string;
}

/**
 * Asks the policy of a cluster's owner before a run begins. What it says is asked again before every injection.
 * @returns what the run brings along for that, where the owner wants a second person
 * @throws FiredrillError with the code and the way out of the rule that forbids it
 */
export async function requirePolicy(
  cluster: Cluster,
  request: PolicyQuestion,
  seed: number,
): Promise<Permit | undefined> {
  using kube = new KubeClient(cluster.kube);
  const permission = await permissionOf(kube, cluster.uid);
  if (!permission.granted || permission.policy === undefined) return undefined;
  const { policy, allowed } = permission;
  const permit =
    policy.approvers === undefined
      ? undefined
      : permitOf(await runnerOf(kube), request, seed, await request.plan?.(seed, allowed));
  const facts = { policy, clusterUid: cluster.uid, wallMs: Date.now(), ...given({ permit }) };
  const refusals = [...policyRefusals(facts, 0), ...stopRefusals(await readNow(cluster, kube, policy))];
  const [first] = refusals;
  if (first === undefined) {
    const spendable = spendableApproval(facts);
    if (spendable !== undefined) await requireUseLeft(kube, spendable);
    return permit && { ...permit, ...given({ spendable }) };
  }
  throw new FiredrillError(first.code, refusals.map(({ message }) => message).join('; '), {
    userError: true,
    hint: refusals.map(({ allow }) => allow).join('; '),
  });
}

function permitOf(
  runner: string,
  { words, approvalFile }: PolicyQuestion,
  seed: number,
  plan: Permit['plan'],
): Permit {
  const approval = givenApproval(approvalFile);
  return {
    runner,
    approveWith: `${COMMANDS.firedrill} approve --key KEY --out FILE -- ${words?.(seed) ?? ''}`,
    ...given({ plan, approval }),
  };
}

/** @throws FiredrillError `approval.unknown-runner`: then nobody could say that approver and runner are two people */
async function runnerOf(kube: KubeClient): Promise<string> {
  const runner = await whoAmI(kube);
  if (runner !== undefined && runner !== '') return runner;
  throw new FiredrillError('approval.unknown-runner', 'the cluster does not say who we are', {
    hint: 'kubectl auth whoami has to answer: another person than that one approves',
  });
}

/** @throws FiredrillError `approval.unreadable` */
function givenApproval(path: string | undefined): string | undefined {
  if (path === undefined || path === '') return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new FiredrillError('approval.unreadable', `--approval ${path}: ${messageOf(cause)}`, {
      cause,
      hint: 'the file that firedrill approve has written is wanted',
    });
  }
}

/** Where our own Prometheus would have to be installed first, the conditions are read before the first injection. */
async function readNow(
  cluster: Cluster,
  kube: KubeClient,
  policy: DrillPolicy,
): Promise<readonly StopReading[]> {
  const connect = ownersPrometheus({ cluster, kube }, policy);
  if (connect === undefined || policy.stop.length === 0) return [];
  return await readStopConditions(connect, policy.stop, Date.now(), new AbortController().signal);
}
