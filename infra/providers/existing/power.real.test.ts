import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Cluster } from '../../cluster.ts';
import { loadKubeconfig } from '../../kubeconfig/kubeconfig.ts';
import type { KubeClient } from '../../kube/client.ts';
import { EXERCISES } from '../../testing/contract/exercises.ts';
import type { StandingCluster } from '../../testing/contract/fixture.ts';
import { labCluster } from '../../testing/lab-cluster.ts';
import { ExistingCluster } from './existing-cluster.ts';
import { ownMachines, reachMachines } from './machines.ts';
import { reach } from './reach.ts';
import { existingSettings } from './settings.ts';
import { contextOf } from './testing/context.ts';
import { machineInterfaceOf, type MachineInterface } from './testing/machine-interface.ts';

describe(
  'node power on a cluster that is reached by its kubeconfig and a machine interface',
  { concurrency: false },
  () => {
    const signal = AbortSignal.timeout(400_000);
    const contexts = new DisposableStack();
    let lab: StandingCluster;
    let machines: MachineInterface;
    let cluster: Cluster;
    let kube: KubeClient;
    let node = '';

    before(async () => {
      lab = await labCluster(signal);
      const made = await lab.attach();
      machines = await machineInterfaceOf(made);
      const target = await loadKubeconfig({ path: made.kubeconfigPath, env: process.env });
      const settings = existingSettings(contexts.use(contextOf(target)).env);
      const reached = await reach(settings);
      kube = reached.kube;
      const configured = await reachMachines(machines.settings, ownMachines(reached));
      cluster = new ExistingCluster(reached, settings, configured);
      node = await workerWithPod();
    });
    after(async () => {
      kube.close();
      contexts.dispose();
      await machines[Symbol.asyncDispose]();
      await lab[Symbol.asyncDispose]();
    });
    /** A kubelet is asked for the log of a pod, and nothing puts one on every worker. */
    const workerWithPod = async (): Promise<string> => {
      const workers = (await cluster.nodes()).filter(({ role }) => role === 'worker');
      const running = { apiVersion: 'v1', kind: 'Pod', fieldSelector: 'status.phase=Running' } as const;
      for (;;) {
        const { items } = await kube.list(running, { signal });
        const host = workers.find(({ name }) => items.some(({ spec }) => spec?.nodeName === name));
        if (host !== undefined) return host.name;
      }
    };
    /** Resolves when the kubelet answers; rejects with why it did not. */
    const untilAnswered = async (where: string): Promise<void> => {
      const limit = AbortSignal.timeout(30_000);
      for (;;) {
        try {
          await cluster.askKubelet?.(where);
          return;
        } catch (error) {
          if (limit.aborted) throw error;
        }
      }
    };
    const exercise = () => ({ cluster, kube, node, signal });
    const address = async (): Promise<string> =>
      (await cluster.nodes()).find(({ name }) => name === node)?.address ?? '';

    it('switches a machine off and on again, and says that it can', async () => {
      assert.deepEqual(cluster.can('node.power'), { yes: true });
      assert.equal(cluster.machineProfile, 'configured');
      await EXERCISES['node.power'].shows(exercise());
    });

    it('still refuses what no machine interface can do', async () => {
      for (const capability of ['node.freeze', 'node.cable'] as const) {
        assert.equal(cluster.can(capability).yes, false);
        await EXERCISES[capability].refuses(exercise());
      }
    });

    it('sees from outside whether the kubelet of a machine lives', async () => {
      const where = await address();
      // After a quick power-on Kubernetes still shows what it said before: the kubelet may be starting.
      await untilAnswered(where);
      await cluster.machines.powerOff(node);
      await assert.rejects(async () => {
        // An answer may have been under way.
        for (let times = 0; times < 20; times++) await cluster.askKubelet?.(where);
      });
      await cluster.machines.powerOn(node);
    });

    it('leaves a machine off that a healer has fenced meanwhile, and gets a new one for it', async () => {
      await cluster.machines.powerOff(node);
      await machines.client.powerOff(node, 'healer-1', signal);
      await cluster.machines.powerOn(node);
      const { processes, fenced } = await cluster.machines.inspect(node);
      assert.deepEqual([processes, fenced], [0, true]);
      await EXERCISES['node.replace'].shows(exercise());
    });
  },
);
