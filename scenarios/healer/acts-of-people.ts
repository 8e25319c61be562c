import { expect, type Trial } from '../../harness/index.ts';

/** A node of the shop; the loss of the healer's own leader takes longer. */
export const ofTheShop = { hosting: 'app=storefront', healerLeader: false, mode: 'one' } as const;
/** Workers without a replica of the healer: whoever watches what the healer does not do has to see all of it. */
export const besideTheHealer = {
  labels: 'firedrill.dev/role=worker',
  sparing: 'app.kubernetes.io/name=firedrill-healer',
} as const;

export const node = (name: string) => ({ apiVersion: 'v1', kind: 'Node', name }) as const;

/** What `kubectl rollout restart` does to a Deployment. */
export const deployment = (namespace: string, name: string) =>
  ({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name }) as const;
export const restarted = {
  spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } } } },
};

/** The switch that stops all healing is an annotation of it. */
export const HEALER = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace: 'firedrill-system',
  name: 'firedrill-healer',
} as const;
export const PAUSE = 'healer.firedrill.dev/pause';

const SPREAD_WITHIN_MS = 60_000;

/** A node of the shop beside the healer; where an earlier trial has left none, the shop is spread again. */
export async function aNode(
  trial: Trial,
): Promise<{ readonly names: readonly string[]; readonly mode: 'one' }> {
  const find = async (): Promise<readonly string[]> =>
    (await trial.choose({ kind: 'node', hosting: 'app=storefront', ...besideTheHealer, mode: 'one' })).map(
      ({ name }) => name,
    );
  if ((await find()).length === 0) {
    await trial.change(deployment('storefront', 'storefront'), restarted);
    await expect.poll(async () => (await find()).length, { timeout: SPREAD_WITHIN_MS }).toBe(1);
  }
  return { names: await find(), mode: 'one' };
}
