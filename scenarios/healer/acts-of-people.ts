import type { Trial } from '../../harness/index.ts';

/** A worker without a replica of the healer: whoever watches what the healer does not do has to see all of it. */
const besideTheHealer = {
  labels: 'firedrill.dev/role=worker',
  sparing: 'app.kubernetes.io/name=firedrill-healer',
  mode: 'one',
} as const;

export const node = (name: string) => ({ apiVersion: 'v1', kind: 'Node', name }) as const;

/** The name of a node that a fault could hit, for people who act before it does. */
export async function aNode(trial: Trial): Promise<string> {
  const [chosen] = await trial.choose({ kind: 'node', ...besideTheHealer });
  return chosen?.name ?? 'none';
}
