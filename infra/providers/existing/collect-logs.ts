import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../../harness/core/errors.ts';
import type { KubeClient } from '../../kube/client.ts';
import { podLog } from '../../kube/logs.ts';
import type { Pod } from '../../kube/objects.ts';

const LINES_MAX = 5_000;

/** What the API server still knows: nodes, events, and the logs of pods that run images of ours. */
export async function collectLogs(
  kube: KubeClient,
  directory: string,
  isOurs: (image: string) => boolean,
): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const [nodes, events, pods] = await Promise.all([
    kube.list({ apiVersion: 'v1', kind: 'Node' } as const),
    kube.list({ apiVersion: 'v1', kind: 'Event' } as const),
    kube.list({ apiVersion: 'v1', kind: 'Pod' } as const),
  ]);
  writeFileSync(join(directory, 'nodes.json'), JSON.stringify(nodes.items, null, 2));
  writeFileSync(join(directory, 'events.json'), JSON.stringify(events.items, null, 2));
  const ours = pods.items.filter((pod) => pod.spec?.containers.some(({ image = '' }) => isOurs(image)));
  for (const pod of ours)
    for (const line of await logsOf(kube, pod)) writeFileSync(join(directory, line.file), line.text);
}

async function logsOf(kube: KubeClient, pod: Pod): Promise<readonly { file: string; text: string }[]> {
  const { namespace = '', name = '' } = pod.metadata ?? {};
  return await Promise.all(
    (pod.spec?.containers ?? []).map(async ({ name: container }) => ({
      file: `${namespace}_${name}_${container}.log`,
      // A pod whose node is gone has no log to give; that is what its file says then.
      text: await podLog(kube, { namespace, name }, { container, tailLines: LINES_MAX }).catch(messageOf),
    })),
  );
}
