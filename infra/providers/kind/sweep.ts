import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FiredrillError } from '../../../harness/core/errors.ts';
import { readJsonFile } from '../../supervisor/cluster-directory.ts';
import { NOTHING_SWEPT, type Swept } from '../../supervisor/reap.ts';
import { ContainerEngine } from '../../engine/engine.ts';
import { containersOf } from './containers.ts';
import { KindCli } from './kind-cli.ts';
import { kindName, type KindPlan } from './kind-plan.ts';

/** Says, in a cluster's directory, that the containers of its name are somebody else's. */
export const FOREIGN_MARK = 'containers-not-ours';

const TRIES_MAX = 5;
const AGAIN_AFTER_MS = 500;

/**
 * Takes away every container of a cluster, also where it was never finished, or is gone already: they belong to the engine and
 * outlive a supervisor that has died.
 * @throws FiredrillError `kind.not-removed`
 */
export async function sweepKind(directory: string, env: NodeJS.ProcessEnv): Promise<Swept> {
  const plan = readJsonFile(join(directory, 'spec.json')) as KindPlan | undefined;
  // Without a plan no supervisor was ever started.
  if (plan === undefined || existsSync(join(directory, FOREIGN_MARK))) return NOTHING_SWEPT;
  const name = kindName(basename(directory));
  const engine = new ContainerEngine(plan.engine.name, env);
  const cli = new KindCli(plan.kindPath, engine);
  let containers = 0;
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const found = await containersOf(engine, name);
    if (found.length === 0) return { ...NOTHING_SWEPT, containers };
    // A start that was cut off may have left a request on its way: what comes of it is seen by the next look.
    if (tries > 0) await delay(AGAIN_AFTER_MS);
    await cli.delete(name, join(directory, 'kubeconfig'));
    containers += found.length;
  }
  throw new FiredrillError(
    'kind.not-removed',
    `containers of ${name} are still there: ${(await containersOf(engine, name)).join(', ')}`,
    { hint: `kind delete cluster --name ${name}, then firedrill reap` },
  );
}
