import { FiredrillError } from '../../harness/core/errors.ts';
import type { Spendable } from '../../harness/core/owner/approval.ts';
import type { KubeClient } from '../kube/client.ts';
import { isConflict } from '../kube/errors.ts';

/**
 * Which approvals were used on this cluster, and by which runs. It stays when a run takes away what it has installed, and goes with
 * the permission: no runner forgets a use by running elsewhere, or again.
 */
export const USED_APPROVALS = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace: 'kube-system',
  name: 'firedrill-approvals',
} as const;
const LABELS = { 'app.kubernetes.io/part-of': 'firedrill' };

/** One approval that was used; forgotten when it has expired, since it is refused then anyway. */
interface Used {
  readonly expiresAtWallMs: number;
  readonly runs: readonly string[];
}

/** @throws FiredrillError `approval.used-up` */
export async function requireUseLeft(kube: KubeClient, approval: Spendable): Promise<void> {
  leftOf(approval, (await kube.find(USED_APPROVALS))?.data);
}

/**
 * Counts a use by this run. Of two runs at once that want the last use, one is refused.
 * @throws FiredrillError `approval.used-up`
 */
export async function spendApproval(kube: KubeClient, approval: Spendable, run: string): Promise<void> {
  const { id, expiresAtWallMs } = approval;
  const { apiVersion, kind, ...place } = USED_APPROVALS;
  for (;;) {
    const found = await kube.find(USED_APPROVALS);
    const used: Used = { expiresAtWallMs, runs: [...leftOf(approval, found?.data), run] };
    const { wallMs } = kube.clock.now();
    const expired = Object.keys(found?.data ?? {}).filter(
      (other) => other !== id && (usedOf(found?.data, other)?.expiresAtWallMs ?? 0) <= wallMs,
    );
    const data = { ...Object.fromEntries(expired.map((other) => [other, null])), [id]: JSON.stringify(used) };
    const resourceVersion = found?.metadata?.resourceVersion;
    try {
      if (found === undefined)
        await kube.create({ apiVersion, kind, metadata: { ...place, labels: LABELS }, data });
      else await kube.patch(USED_APPROVALS, 'merge', { metadata: { resourceVersion }, data });
      return;
    } catch (error) {
      // Somebody else has written since it was read.
      if (!isConflict(error)) throw error;
    }
  }
}

/** The runs so far, of which there are fewer than the owner allows. */
function leftOf(
  { id, uses }: Spendable,
  data: Readonly<Record<string, string>> | undefined,
): readonly string[] {
  const runs = usedOf(data, id)?.runs ?? [];
  if (runs.length < uses) return runs;
  throw new FiredrillError(
    'approval.used-up',
    `this approval is good for ${uses === 1 ? 'one run' : `${uses} runs`}, and was used by ${runs.join(', ')}`,
    { hint: 'one of the approvers approves the run again' },
  );
}

function usedOf(data: Readonly<Record<string, string>> | undefined, id: string): Used | undefined {
  const text = data?.[id];
  return text === undefined ? undefined : (JSON.parse(text) as Used);
}
