import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NOTHING_SWEPT, type Swept } from '../../supervisor/reap.ts';
import { ContainerEngine } from '../../engine/engine.ts';
import { KindCli } from './kind-cli.ts';
import { kindName, type KindPlan } from './kind-plan.ts';
import { removeKindCluster } from './remove-cluster.ts';

/** Says, in a cluster's directory, that the containers of its name are somebody else's. */
export const FOREIGN_MARK = 'containers-not-ours';

/** Takes away the containers of a cluster whose supervisor has died: they belong to the engine and live on. */
export async function sweepKind(cluster: string, directory: string): Promise<Swept> {
  const plan = planIn(directory);
  // Without a plan no supervisor was ever started.
  if (plan === undefined || existsSync(join(directory, FOREIGN_MARK))) return NOTHING_SWEPT;
  const { engine, kindPath } = plan;
  const containers = await removeKindCluster(kindName(cluster), {
    engine: new ContainerEngine(engine.name),
    cli: new KindCli(kindPath, engine.name),
    kubeconfig: join(directory, 'kubeconfig'),
  });
  return { ...NOTHING_SWEPT, containers };
}

/** Undefined where it was not written, or cut off by the death of whoever was writing it. */
function planIn(directory: string): KindPlan | undefined {
  const path = join(directory, 'spec.json');
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as KindPlan;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
