import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../../harness/core/errors.ts';
import type { ClusterNode } from '../../cluster.ts';
import type { ContainerEngine } from '../../engine/engine.ts';

/** Copies what pods, kubelet and container runtime of each node have logged; a node that cannot be read says why. */
export async function collectNodeLogs(
  engine: ContainerEngine,
  nodes: readonly ClusterNode[],
  directory: string,
): Promise<void> {
  await Promise.all(
    nodes.map(async ({ name, power, frozen }) => {
      const folder = join(directory, name);
      mkdirSync(folder, { recursive: true });
      const troubles: string[] = [];
      const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
        try {
          await work();
        } catch (error) {
          troubles.push(`${what}: ${messageOf(error)}\n`);
        }
      };
      // Also of a node that is off: its disk is there.
      await attempt('pods', async () => {
        await engine.call(['cp', `${name}:/var/log/pods`, join(folder, 'pods')]);
      });
      if (power === 'on' && !frozen) {
        await attempt('journal', async () => {
          const units = ['-u', 'kubelet', '-u', 'containerd'];
          const journal = await engine.exec(name, [
            'journalctl',
            '--no-pager',
            '-o',
            'short-iso-precise',
            ...units,
          ]);
          writeFileSync(join(folder, 'journal.log'), journal);
        });
      }
      if (troubles.length > 0) writeFileSync(join(folder, 'not-collected.txt'), troubles.join(''));
    }),
  );
}
