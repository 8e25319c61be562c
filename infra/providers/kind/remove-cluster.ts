import { setTimeout as delay } from 'node:timers/promises';
import { FiredrillError } from '../../../harness/core/errors.ts';
import type { ContainerEngine } from '../../engine/engine.ts';
import type { KindCli } from './kind-cli.ts';
import { containersOf } from './containers.ts';

const TRIES_MAX = 5;
const AGAIN_AFTER_MS = 500;

/**
 * Takes away every container of a cluster of kind's, also where it was never finished, or is gone already.
 * @returns how many there were
 */
export async function removeKindCluster(
  kindCluster: string,
  tools: { readonly engine: ContainerEngine; readonly cli: KindCli; readonly kubeconfig: string },
): Promise<number> {
  const { engine, cli, kubeconfig } = tools;
  let removed = 0;
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const names = await containersOf(engine, kindCluster);
    if (names.length === 0) return removed;
    // A start that was cut off may have left a request on its way: what comes of it is seen by the next look.
    if (tries > 0) await delay(AGAIN_AFTER_MS);
    await cli.delete(kindCluster, kubeconfig);
    removed += names.length;
  }
  throw new FiredrillError(
    'kind.not-removed',
    `containers of ${kindCluster} are still there: ${(await containersOf(engine, kindCluster)).join(', ')}`,
    { hint: `kind delete cluster --name ${kindCluster}, then firedrill reap` },
  );
}
